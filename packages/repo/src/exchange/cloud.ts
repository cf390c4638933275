import { inspect, type RemoteState } from '@art/remote/transfer/inspect.ts'
import type { CallOptions } from '@art/core'
import type { Artifact } from '../target/find.ts'
import type { Session } from '../workspace/session.ts'
import { withRemote } from './open-store.ts'
import { callOptions } from './transfer.ts'

/** By path: can the remote rebuild the artifact? Every pack is looked for; nothing is taken on trust. */
export async function cloudStates(
  session: Session,
  artifacts: readonly Pick<Artifact, 'path' | 'pointer'>[],
  options: CallOptions & { remote?: string | undefined },
): Promise<Map<string, RemoteState>> {
  return await withRemote(session.repo, options, 'read', async ({ store }) => {
    const targets = artifacts.map(({ path, pointer: { kind, oid, size } }) => ({ path, kind, oid, size }))
    const states = await inspect(targets, store, callOptions(options))
    return new Map(targets.map(({ path }, i) => [path, states[i]!]))
  })
}

/** What is wrong with a content that is not `ok` there. */
export function lackOf(state: RemoteState | undefined): string {
  return state === 'incomplete' ? 'the remote has only a part of it' : 'the content is not on the remote'
}
