import { ArtError } from '@art/core'
import type { RemoteSettings } from '../config/config.ts'
import { setConfig } from '../config/edit.ts'
import { originOf } from '../config/value.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import { isOwnLevel, ownLevelFlag } from './own-level.ts'

type Place = Pick<Repo, 'config' | 'localIsOwn' | 'environment'>

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/**
 * The committed configuration may come from a stranger. A server that it names gets signed requests, which it could pass on to the one
 * that the keys are for, and session tokens; so the user approves each such server once, by its origin. What would let others on the
 * network in must be set where only this user writes. Fails with `CONFIG_INVALID`.
 */
export function refuseStrangeEndpoint(repo: Place, { name, endpoint, anonymous, tlsVerify }: RemoteSettings): void {
  const { config } = repo
  const written = (key: string): string | undefined => {
    const entry = config.entry(`remote.${name}.${key}`)
    return entry === undefined || entry.level === 'default' || isOwnLevel(repo, entry.level) ? undefined : entry.value
  }
  if (endpoint !== undefined && written('endpoint') !== undefined && !anonymous && !isTrusted(repo, endpoint)) {
    const origin = originOf(endpoint) ?? endpoint
    throw refused(`the committed configuration would send your credentials for ${name} to ${origin}`, {
      hint: `If you trust it with them, run \`${approval(repo, origin)}\`.`,
    })
  }
  const caBundle = anonymous ? undefined : written('ca_bundle')
  const [key, value] = !tlsVerify && written('tls_verify') ? ['tls_verify', 'false'] : ['ca_bundle', caBundle]
  if (value === undefined) return
  throw refused(`the committed configuration sets ${key} of ${name}, which would let others read your credentials`, {
    hint: `If you trust it, run \`art remote modify ${ownLevelFlag(repo)} ${name} ${key} ${shellWord(value)}\`.`,
  })
}

/** As for the endpoint of a remote, of another server that a committed setting names: `what` is what it would be sent. */
export function refuseStrangeServer(repo: Place, url: string, what: string): void {
  const origin = originOf(url) ?? url
  if (originOf(url) !== undefined && (isLoopback(url) || trusted(repo).has(origin))) return
  throw refused(`the committed configuration would send ${what} to ${origin}`, {
    hint: `If you trust it with them, run \`${approval(repo, origin)}\`.`,
  })
}

function refused(message: string, { hint }: { hint: string }): ArtError {
  return new ArtError('CONFIG_INVALID', message, { path: '.art/config.yaml', hint })
}

/** Programs of this machine, what the user has approved, and what the AWS variables name already. */
function isTrusted(repo: Place, endpoint: string): boolean {
  const origin = originOf(endpoint)
  if (origin === undefined) return false
  const { AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL: all } = repo.environment
  return isLoopback(endpoint) || trusted(repo).has(origin) || [s3, all].some((url) => url && originOf(url) === origin)
}

function isLoopback(endpoint: string): boolean {
  return LOOPBACK.test(new URL(endpoint).hostname)
}

function trusted(repo: Place): Set<string> {
  return new Set(repo.config.all('core.trusted_endpoints', (level) => isOwnLevel(repo, level)).flat())
}

/** The command that approves one more. */
function approval(repo: Place, origin: string): string {
  const flag = ownLevelFlag(repo)
  const level = flag === '--local' ? 'local' : 'global'
  const before = repo.config.all('core.trusted_endpoints', (one) => one === level).flat()
  return `art config ${flag} core.trusted_endpoints ${shellWord([...before, origin].join(','))}`
}

/** Whoever types a server's address trusts it, on this machine. Where nobody could tell who has, it is approved when it is used. */
export async function trustEndpoint(repo: Repo, endpoint: string): Promise<void> {
  const origin = originOf(endpoint)
  if (origin === undefined || !repo.localIsOwn || isTrusted(repo, endpoint)) return
  const before = repo.config.all('core.trusted_endpoints', (level) => level === 'local').flat()
  await setConfig(repo, 'local', { 'core.trusted_endpoints': [...before, origin].join(',') })
}
