import { ArtError } from '@art/core'
import type { ObjectStore } from '@art/remote'
import { openStore } from '@art/remote/open-store.ts'
import type { RemoteSettings } from '../config/config.ts'
import type { Repo } from '../open.ts'
import { refuseStrangeEndpoint } from '../trust/endpoint.ts'

export interface OpenRemote {
  settings: RemoteSettings
  store: ObjectStore
  compress: boolean
}

const SECOND = 1000

/** What is needed of a repository to open its remotes: its configuration, and who has written that. */
export type RemoteContext = Pick<Repo, 'config' | 'localIsOwn' | 'environment'>

/** Opens the named remote, or the default one. Touches no network. Fails with `REMOTE_UNKNOWN`, or `REMOTE_READ_ONLY` for a writer. */
export async function openRemoteStore(
  repo: RemoteContext,
  name: string | undefined,
  access: 'read' | 'write',
  jobs?: number,
): Promise<OpenRemote> {
  const settings = repo.config.remote(name)
  refuseStrangeEndpoint(repo, settings)
  if (access === 'write' && settings.readOnly) {
    throw new ArtError('REMOTE_READ_ONLY', `the remote ${settings.name} is set to be read only`, {
      path: settings.url,
      hint: `Run \`art remote modify ${settings.name} read_only false\` if you may write there.`,
    })
  }
  return await openSettings(settings, access, jobs)
}

/** Opens what these settings say, whoever has written them. Touches no network. */
export async function openSettings(
  settings: RemoteSettings,
  access: 'read' | 'write',
  jobs?: number,
): Promise<OpenRemote> {
  const store = await openStore(settings.url, storeOptions(settings, access, jobs))
  const compress = settings.compression === 'auto' ? !store.capabilities.local : settings.compression === 'on'
  return { settings, store, compress }
}

/** Opens a remote for `work` and closes it, as `withOpened` does. */
export async function withRemote<T>(
  repo: RemoteContext,
  { remote, jobs }: { remote?: string | undefined; jobs?: number | undefined },
  access: 'read' | 'write',
  work: (remote: OpenRemote) => Promise<T>,
): Promise<T> {
  return await withOpened(await openRemoteStore(repo, remote, access, jobs), work)
}

/** Closes a remote after `work`. A fault at one of its keys is told with the remote's url before the key. */
export async function withOpened<T>(open: OpenRemote, work: (remote: OpenRemote) => Promise<T>): Promise<T> {
  try {
    return await work(open)
  } catch (error) {
    throw atRemote(error, open.settings.url)
  } finally {
    await open.store.close?.()
  }
}

const KEY = /^(?:art-remote\.json$|(?:packs|recipes|tensors|roots|gc)(?:\/|$))/

/** An error at a key of a remote, told with the remote's url before the key. */
export function atRemote(error: unknown, url: string): unknown {
  if (!(error instanceof ArtError) || error.path === undefined || !KEY.test(error.path)) return error
  const { code, message, path, hint, retryable, details } = error
  return new ArtError(code, message, { path: `${url}/${path}`, hint, retryable, details, cause: error })
}

function storeOptions(
  settings: RemoteSettings,
  access: 'read' | 'write',
  jobs: number | undefined,
): Parameters<typeof openStore>[1] {
  const { connectTimeout, idleTimeout, pathStyle, sse, ...same } = settings
  return {
    ...same,
    jobs: jobs ?? settings.jobs,
    create: access === 'write',
    forcePathStyle: pathStyle,
    sse: sse as 'AES256' | 'aws:kms' | undefined,
    limits: {
      ...(connectTimeout === undefined ? {} : { connect: connectTimeout * SECOND }),
      ...(idleTimeout === undefined ? {} : { idle: idleTimeout * SECOND }),
    },
  }
}
