import type { CallOptions } from '@art/core'
import { probeStore } from '@art/remote/check/probe.ts'
import type { RemoteProbe } from '../api.ts'
import { openRemoteStore } from '../exchange/open-store.ts'
import type { Repo } from '../open.ts'

/** Tries what a remote can do: writes, reads, lists and deletes a small object. Fails with `REMOTE_UNKNOWN`; other faults are steps. */
export async function remoteCheck(repo: Repo, name?: string, options: CallOptions = {}): Promise<RemoteProbe> {
  // A folder that is not there may be a drive that is not mounted: only a push makes one.
  const { settings, store, compress } = await openRemoteStore(repo, name, 'read')
  try {
    return { ...(await probeStore(store, options)), name: settings.name, url: settings.url, compression: compress }
  } finally {
    await store.close?.()
  }
}
