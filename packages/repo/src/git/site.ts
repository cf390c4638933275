import { randomBytes } from 'node:crypto'
import { posix, resolve } from 'node:path'
import { sha256 } from '@art/core'
import { setInternal } from '../config/edit.ts'
import type { Repo } from '../open.ts'
import { type GitContext, runGit } from './run.ts'

/** Where this clone pushes its commits to, as `host/owner/repo`; undefined without an `origin`. */
export async function gitOrigin(repo: GitContext): Promise<string | undefined> {
  if (repo.gitRoot === undefined) return undefined
  const answer = await runGit(repo, ['config', '--get', 'remote.origin.url'], { codes: [0, 1] })
  const url = answer.stdout.toString('utf8').trim()
  return url === '' ? undefined : normalizeOrigin(url, repo.gitRoot)
}

/**
 * Name of this clone's git server on remotes: 16 hex digits, 8 bytes of sha256 of the normalised origin. Without an origin it is
 * random and kept in `config.local.yaml`.
 */
export async function siteId(repo: Repo): Promise<string> {
  const origin = await gitOrigin(repo)
  if (origin !== undefined) return sha256(Buffer.from(origin)).toString('hex', 0, 8)
  const kept = repo.config.get('core.site')
  if (kept !== undefined && /^[0-9a-f]{16}$/.test(kept)) return kept
  const random = randomBytes(8).toString('hex')
  await setInternal(repo, 'core.site', random)
  return random
}

/** One spelling for all the ways to write an address: no scheme, user, password, port of the scheme, `.git` or slash at the end. */
export function normalizeOrigin(url: string, base: string): string {
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:[^/@]*@)?([^/]*)(\/.*)?$/.exec(url)
  if (parts !== null) {
    const [, scheme, host, path = ''] = parts
    if (scheme!.toLowerCase() === 'file') return tidy(path)
    return `${hostOf(scheme!.toLowerCase(), host!)}${tidy(path)}`
  }
  const scp = /^(?:[^/@]*@)?(\[[^\]]+\]|[^/:[\]]{2,}):(.*)$/.exec(url)
  if (scp !== null) return `${scp[1]!.toLowerCase()}${tidy(`/${scp[2]}`)}`
  return tidy(resolve(base, url).replaceAll('\\', '/'))
}

const STANDARD_PORTS: Record<string, string> = { https: '443', http: '80', ssh: '22', git: '9418' }

function hostOf(scheme: string, host: string): string {
  const port = STANDARD_PORTS[scheme.replace(/^git\+/, '')]
  const name = host.toLowerCase()
  return port !== undefined && name.endsWith(`:${port}`) ? name.slice(0, -port.length - 1) : name
}

function tidy(path: string): string {
  return posix
    .normalize(path)
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/\/+$/, '')
}
