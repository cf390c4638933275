import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { readYaml } from '@art/core/yaml/document.ts'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import { readSmallText } from '@art/core/fs/read-text.ts'
import type { ConfigEntry } from '../api.ts'
import {
  environmentVariable,
  CONFIG_KEYS,
  isNamedSection,
  type KeySpec,
  REMOTE_KEYS,
  remoteKeyParts,
  specOf,
} from './keys.ts'
import { suggestKey } from './suggest.ts'
import { refuseLink } from '../trust/link.ts'
import { parseValue, ValueProblem } from './value.ts'

export type ConfigLevel = ConfigEntry['level']
export type FileLevel = 'system' | 'global' | 'project' | 'local'
export const FILE_LEVELS: readonly FileLevel[] = ['system', 'global', 'project', 'local']

export const CONFIG_VERSION = 1

export interface LoadedLevel {
  level: ConfigLevel
  /** Relative paths among the values start here. */
  base: string
  /** By full key; `origin` is the file or variable. */
  values: Map<string, { text: string; origin: string }>
  /** Of the project's file. */
  repoId?: string
  warnings: string[]
}

/** Where a level's file is; undefined for project and local outside a repository. */
export function configPath(
  level: FileLevel,
  artDir: string | undefined,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  switch (level) {
    case 'system':
      if (environment['ART_CONFIG_SYSTEM']) return environment['ART_CONFIG_SYSTEM']
      if (process.platform !== 'win32') return '/etc/art/config.yaml'
      return join(environment['PROGRAMDATA'] ?? 'C:\\ProgramData', 'art', 'config.yaml')
    case 'global':
      return environment['ART_CONFIG_GLOBAL'] || join(globalFolder(environment), 'art', 'config.yaml')
    case 'project':
      return artDir && join(artDir, 'config.yaml')
    case 'local':
      return artDir && join(artDir, 'config.local.yaml')
  }
}

function globalFolder(environment: NodeJS.ProcessEnv): string {
  const home = environment['HOME'] ?? homedir()
  if (environment['XDG_CONFIG_HOME']) return environment['XDG_CONFIG_HOME']
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support')
  if (process.platform === 'win32') return environment['APPDATA'] ?? join(home, 'AppData', 'Roaming')
  return join(home, '.config')
}

/** `follow`: people keep their own configuration elsewhere, behind a link. */
export function readConfigText(path: string, { follow = false } = {}): string | undefined {
  try {
    return readSmallText(path, { follow })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') return undefined
    throw fromSystemError(error, path)
  }
}

/** Reads one file; undefined where there is none. Fails with `CONFIG_INVALID`, path and line. */
export async function loadLevel(level: FileLevel, path: string): Promise<LoadedLevel | undefined> {
  const follow = level !== 'project' && level !== 'local'
  if (!follow) refuseLink(path)
  const text = readConfigText(path, { follow })
  if (text === undefined) return undefined
  const map = await readYaml(text, { code: 'CONFIG_INVALID', path })
  const loaded: LoadedLevel = { level, base: dirname(path), values: new Map(), warnings: [] }
  const version = map.get('art') ?? CONFIG_VERSION
  if (version !== CONFIG_VERSION) {
    throw new ArtError(
      'UNSUPPORTED',
      `the configuration has format ${String(version)}, and this art knows ${CONFIG_VERSION}`,
      {
        path,
        hint: 'Update art.',
      },
    )
  }
  const repo = map.get('repo')
  if (typeof repo === 'string') loaded.repoId = repo
  for (const [section, below] of map) {
    if (section === 'art' || section === 'repo') continue
    if (!(below instanceof Map)) throw invalid(path, text, [section], 'must be a section with keys below it')
    for (const [keys, value] of leaves(section, below)) take(loaded, keys, value, path, text)
  }
  return loaded
}

function* leaves(section: string, map: YamlMap): Generator<[string[], YamlValue]> {
  for (const [key, value] of map) {
    if (isNamedSection(section) && value instanceof Map)
      for (const [below, inner] of value) yield [[section, key, below], inner]
    else yield [[section, key], value]
  }
}

function take(loaded: LoadedLevel, keys: string[], value: YamlValue, path: string, text: string): void {
  const key = keys.join('.')
  const spec = specOf(key)
  if (spec === undefined) {
    const suggestion = suggestKey(key)
    loaded.warnings.push(
      `${path}: unknown key ${key}${suggestion === undefined ? '' : `, did you mean ${suggestion}?`}`,
    )
    return
  }
  if (spec.secret && loaded.level === 'project') {
    loaded.warnings.push(`${path}: ${key} is ignored, a secret must not stand in a file that git commits. Use --local.`)
    return
  }
  if (spec.approval && loaded.level === 'project') {
    loaded.warnings.push(`${path}: ${key} is ignored, only you can approve that. Use --local or --global.`)
    return
  }
  const written = Array.isArray(value) ? value.join(',') : value
  if (written === null || written instanceof Map) throw invalid(path, text, keys, 'must be one value')
  check(spec, String(written), (why) => invalid(path, text, keys, why))
  loaded.values.set(key, { text: String(written), origin: path })
}

function check(spec: KeySpec, text: string, wrong: (why: string) => ArtError): void {
  try {
    parseValue(spec, text)
  } catch (error) {
    throw error instanceof ValueProblem ? wrong(error.message) : error
  }
}

function invalid(path: string, text: string, keys: string[], why: string): ArtError {
  const lines = text.split('\n')
  let line = 0
  for (const key of keys) {
    const found = lines.findIndex(
      (content, i) =>
        i >= line &&
        content
          .trimStart()
          .replaceAll(/^["']|["'](?=:)/g, '')
          .startsWith(`${key}:`),
    )
    if (found >= 0) line = found
  }
  return new ArtError('CONFIG_INVALID', `${keys.join('.')} ${why}`, {
    path: `${path}:${line + 1}`,
    hint: 'Correct that line of the file.',
  })
}

/** `ART_CORE_REMOTE`, `ART_REMOTE_<NAME>_<KEY>`; a name's own characters other than letters and digits read as `_`. */
export function loadEnvironment(environment: NodeJS.ProcessEnv, cwd: string, remotes: readonly string[]): LoadedLevel {
  const loaded: LoadedLevel = { level: 'environment', base: cwd, values: new Map(), warnings: [] }
  const set = (key: string, variable: string) => {
    const text = environment[variable]
    const spec = specOf(key)
    if (!text || spec === undefined) return
    check(
      spec,
      text,
      (why) =>
        new ArtError('CONFIG_INVALID', `${variable} ${why}`, {
          path: variable,
          hint: 'Correct or unset the variable.',
        }),
    )
    loaded.values.set(key, { text, origin: variable })
  }
  for (const key of Object.keys(CONFIG_KEYS)) set(key, environmentVariable(key))
  const suffixes = Object.keys(REMOTE_KEYS).sort((a, b) => b.length - a.length)
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('ART_REMOTE_')) continue
    const suffix = suffixes.find(
      (key) => variable.endsWith(`_${key.toUpperCase()}`) && variable.length > 12 + key.length,
    )
    if (suffix === undefined) continue
    const spelled = variable.slice('ART_REMOTE_'.length, -suffix.length - 1)
    const name = remotes.find((remote) => environmentVariable(remote) === `ART_${spelled}`) ?? spelled.toLowerCase()
    set(`remote.${name}.${suffix}`, variable)
  }
  return loaded
}

export function remoteNamesIn(levels: readonly LoadedLevel[]): string[] {
  const names = new Set<string>()
  for (const { values } of levels) {
    for (const key of values.keys()) {
      const remote = remoteKeyParts(key)
      if (remote !== undefined) names.add(remote.name)
    }
  }
  return [...names].sort()
}
