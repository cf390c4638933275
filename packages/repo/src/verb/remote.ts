import { ArtError } from '@art/core'
import { parseStoreUrl } from '@art/remote/open-store.ts'
import type { ConfigChange, RemoteEntry } from '../api.ts'
import { setConfig, unsetConfig } from '../config/edit.ts'
import type { FileLevel } from '../config/level.ts'
import { isLocalPath } from '../config/value.ts'
import type { Repo } from '../open.ts'
import { trustEndpoint } from '../trust/endpoint.ts'
import { changed } from '../config/change.ts'

export interface RemoteLevel {
  /** The file that is written: `project`, which git commits, by default. */
  level?: FileLevel
}

export interface RemoteAddOptions extends RemoteLevel {
  default?: boolean
  /** Replace a remote of that name. */
  force?: boolean
  /** Further keys of the remote, such as `endpoint`. */
  settings?: Readonly<Record<string, string>>
}

/** Adds a remote. Fails with `USAGE` where the name is taken or a secret would be committed, `UNSUPPORTED` for a url of unknown kind. */
export async function remoteAdd(
  repo: Repo,
  name: string,
  url: string,
  options: RemoteAddOptions = {},
): Promise<ConfigChange> {
  const { level = 'project' } = options
  checkName(name)
  checkUrl(url)
  if (!options.force && repo.config.remotes().some((remote) => remote.name === name)) {
    throw new ArtError('USAGE', `there is a remote named ${name} already`, {
      path: name,
      hint: `Change it with \`art remote modify ${name} url ${url}\`, or use --force.`,
    })
  }
  const values: Record<string, string> = { [`remote.${name}.url`]: url }
  for (const [key, value] of Object.entries(options.settings ?? {})) values[`remote.${name}.${key}`] = value
  if (options.default) values['core.remote'] = name
  const change = changed(level, await setConfig(repo, level, values))
  await trustTyped(repo, level, options.settings ?? {})
  return change
}

async function trustTyped(
  repo: Repo,
  level: FileLevel,
  { endpoint }: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (level === 'project' && endpoint !== undefined) await trustEndpoint(repo, endpoint)
}

export function remoteList(repo: Repo): RemoteEntry[] {
  return repo.config.remotes()
}

/** Sets keys of a remote; `undefined` takes one away. Fails with `REMOTE_UNKNOWN`. */
export async function remoteModify(
  repo: Repo,
  name: string,
  settings: Readonly<Record<string, string | undefined>>,
  options: RemoteLevel = {},
): Promise<ConfigChange> {
  const { level = 'project' } = options
  repo.config.remote(name)
  const values: Record<string, string> = {}
  for (const [key, value] of Object.entries(settings)) if (value !== undefined) values[`remote.${name}.${key}`] = value
  if (settings['url'] !== undefined) checkUrl(settings['url'])
  const path = await setConfig(repo, level, values)
  await trustTyped(repo, level, settings)
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined) await unsetConfig(repo, level, `remote.${name}.${key}`)
  }
  return changed(level, path)
}

/** Forgets a remote, in the repository's own files; what it holds stays there. Fails with `REMOTE_UNKNOWN`. */
export async function remoteRemove(repo: Repo, name: string): Promise<ConfigChange> {
  repo.config.remote(name)
  const levels = ['project', 'local'] as const
  const written: FileLevel[] = []
  let path: string | undefined
  for (const level of levels) {
    const own = repo.config.entries({ level }).find(({ key }) => key === 'core.remote')?.value === name
    const removed = await unsetConfig(repo, level, `remote.${name}`)
    const reset = own ? await unsetConfig(repo, level, 'core.remote') : undefined
    if (removed === undefined && reset === undefined) continue
    written.push(level)
    path ??= removed ?? reset
  }
  if (path !== undefined) return changed(written[0]!, path)
  throw new ArtError('USAGE', `${name} is not set in this repository's files`, {
    path: repo.config.entry(`remote.${name}.url`)?.origin,
    hint: 'Take it out of the file or variable that sets it.',
  })
}

/** Without a name: the remote in use, if any. With one: makes it that. */
export async function remoteDefault(
  repo: Repo,
  name?: string,
  options: RemoteLevel = {},
): Promise<{ name: string | undefined; change?: ConfigChange }> {
  if (name === undefined) return { name: repo.config.defaultRemote() }
  const { level = 'project' } = options
  repo.config.remote(name)
  return { name, change: changed(level, await setConfig(repo, level, { 'core.remote': name })) }
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name) && !name.endsWith('.')) return
  throw new ArtError('USAGE', `${JSON.stringify(name)} cannot be a remote's name`, {
    path: name,
    hint: 'Use letters, digits, `-`, `_` and dots.',
  })
}

function checkUrl(url: string): void {
  if (!isLocalPath(url)) parseStoreUrl(url)
}
