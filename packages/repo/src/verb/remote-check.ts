import type { CallOptions } from '@art/core'
import { probeStore } from '@art/remote/check/probe.ts'
import type { RemoteProbe } from '../api.ts'
import { openRemoteStore } from '../exchange/open-store.ts'
import type { Repo } from '../open.ts'

/** Tries what a remote can do: writes, reads, lists and deletes a small object. Fails with `REMOTE_UNKNOWN`; other faults are steps. */
export async function remoteCheck(repo: Repo, name?: string, options: CallOptions = {}): Promise<RemoteProbe> {
  const access = repo.config.remote(name).readOnly ? 'read' : 'write'
  const { settings, store, compress } = await openRemoteStore(repo, name, access)
  try {
    return { ...(await probeStore(store, options)), name: settings.name, url: settings.url, compression: compress }
  } finally {
    await store.close?.()
  }
}
