import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { ArtError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { openSections, openYaml } from '@art/core/yaml/document.ts'
import { editedYaml } from '@art/core/yaml/edited.ts'
import type { Document } from 'yaml'
import { isNamedSection, type KeySpec, namedKeyParts, specOf } from './keys.ts'
import { CONFIG_VERSION, configPath, type FileLevel, readConfigText } from './level.ts'
import { suggestKey } from './suggest.ts'
import { isLocalPath, storedPath, storedValue, ValueProblem } from './value.ts'

/** Where configuration files are looked for; a `Repo` is one. */
export interface ConfigPlace {
  artDir?: string | undefined
  cwd: string
  environment: NodeJS.ProcessEnv
}

/**
 * Writes values in one step, keeping comments and order. Paths are taken as typed in `cwd`. Fails with `USAGE` for an unknown key, a
 * value that does not fit, or a secret that git would commit; nothing is written then. Returns the file.
 */
export async function setConfig(
  place: ConfigPlace,
  level: FileLevel,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const path = fileOf(place, level)
  if (values['release.tag_format'] !== undefined) {
    const { assertTagFormat } = await import('./tag-format.ts')
    await assertTagFormat(place, level, values['release.tag_format'])
  }
  const changes = Object.entries(values).map(([key, value]) => {
    const spec = knownKey(key)
    if (level === 'project' && (spec.secret || holdsPassword(value))) {
      throw new ArtError('USAGE', `${key} is a secret, and ${path} is committed to git`, {
        path: key,
        hint: 'Add --local, or keep it in the usual AWS places.',
      })
    }
    if (level === 'project' && spec.approval) {
      throw new ArtError('USAGE', `${key} counts for whoever sets it, and ${path} is committed to git`, {
        path: key,
        hint: 'Add --local or --global.',
      })
    }
    const inRepository = level === 'project' || level === 'local'
    const typed = spec.type === 'path' ? storedPath(value, place.cwd, path, inRepository) : value
    return { keys: keyPath(key), stored: checked(key, spec, typed) }
  })
  await edit(path, level, (document) => {
    for (const { keys, stored } of changes) {
      openSections(document, keys)
      document.setIn(keys, stored)
    }
  })
  return path
}

/** Removes a key, or with `remote.<name>` a whole remote, from one level. Returns the file, or undefined where it was not there. */
export async function unsetConfig(place: ConfigPlace, level: FileLevel, key: string): Promise<string | undefined> {
  const [section = '', ...name] = key.split('.')
  const whole = isNamedSection(section) && namedKeyParts(key) === undefined
  const keys = whole ? [section, name.join('.')] : keyPath(key)
  const path = fileOf(place, level)
  if (!existsSync(path)) return undefined
  let found = false
  await edit(path, level, (document) => {
    found = document.hasIn(keys)
    if (!found) return
    document.deleteIn(keys)
    for (let depth = keys.length - 1; depth > 0; depth--) {
      const above = document.getIn(keys.slice(0, depth)) as { items?: unknown[] } | undefined
      if (above?.items?.length === 0) document.deleteIn(keys.slice(0, depth))
    }
  })
  return found ? path : undefined
}

/** Fails with `USAGE` and a suggestion for a key that does not exist. */
export function knownKey(key: string): KeySpec {
  const spec = specOf(key)
  if (spec !== undefined && !spec.internal) return spec
  const suggestion = suggestKey(key)
  throw new ArtError('USAGE', `there is no configuration key ${JSON.stringify(key)}`, {
    path: key,
    hint: suggestion === undefined ? '`art config --help` lists the keys.' : `Did you mean ${suggestion}?`,
  })
}

/** Remembers something about this clone that is not for users to set. */
export async function setInternal(place: ConfigPlace, key: 'core.site', value: string): Promise<void> {
  await edit(fileOf(place, 'local'), 'local', (document) => {
    openSections(document, keyPath(key))
    document.setIn(keyPath(key), value)
  })
}

function keyPath(key: string): string[] {
  const named = namedKeyParts(key)
  return named === undefined ? key.split('.') : [named.section, named.name, named.key]
}

function checked(key: string, spec: KeySpec, value: string): string | number | boolean {
  try {
    return storedValue(spec, value)
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error
    throw new ArtError('USAGE', `${key} ${error.message}`, { path: key, hint: spec.doc })
  }
}

/** `scheme://user:password@host`. */
function holdsPassword(value: string): boolean {
  return !isLocalPath(value) && /^[^/]*:\/\/[^/@]*:[^/@]*@/.test(value)
}

function fileOf(place: ConfigPlace, level: FileLevel): string {
  const path = configPath(level, place.artDir, place.environment)
  if (path !== undefined) return path
  throw new ArtError('NOT_A_REPOSITORY', 'this is no art repository', {
    path: place.cwd,
    hint: 'Run `art init`, or use --global.',
  })
}

async function edit(path: string, level: FileLevel, change: (document: Document) => void): Promise<void> {
  const before = readConfigText(path, { follow: level === 'global' || level === 'system' })
  const text = before ?? `art: ${CONFIG_VERSION}\n`
  const document = await openYaml(text, { code: 'CONFIG_INVALID', path })
  change(document)
  const after = await editedYaml(document, text)
  if (after === before) return
  mkdirSync(dirname(path), { recursive: true })
  // A linked file, as dotfile managers make them, stays linked.
  const real = before === undefined ? path : realpathSync(path)
  atomicWriteSync(real, after, level === 'project' || level === 'system' ? {} : { mode: 0o600 })
}
