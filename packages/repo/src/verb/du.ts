import { cacheBytes, cacheUsage } from '@art/core/usage/cache-usage.ts'
import { setMaxListeners } from 'node:events'
import type { Failure } from '../api.ts'
import type { Repo } from '../open.ts'
import type { DuArtifact, DuOptions, DuResult } from '../cleaning-api.ts'
import { type Artifact, failureOf, findPointers } from '../target/find.ts'
import { resolveTargets } from '../target/resolve.ts'
import { type Session, withSession } from '../workspace/session.ts'

/**
 * What artifacts take: as the user sees them, of this machine's cache, and with `cloud` or `remote` of the remote. What is unique and what is shared
 * is told by comparing with every other pointer of the workspace. Fails as opening the remote does.
 */
export async function du(repo: Repo, names: readonly string[], options: DuOptions = {}): Promise<DuResult> {
  return await withSession(repo, options, async (session) => {
    const { targets, failed } = await resolveTargets(repo, names)
    const named = new Map(targets.map(({ artifact }) => [artifact.path, artifact]))
    const others = names.length === 0 ? [] : (await findPointers(repo)).artifacts.filter(({ path }) => !named.has(path))
    // What was named comes first, so that it can be told what that takes together.
    const artifacts = [...named.values(), ...others]
    const groups = artifacts.map(({ path, pointer: { kind, oid, size, files } }) => [{ kind, oid, size, files, path }])
    const here = cacheUsage(session.cache, groups, options)
    const there = await remoteShares(session, groups, options)
    const found = artifacts.slice(0, named.size).map((artifact, i): DuArtifact => {
      const { unique, shared, absent, damaged } = here.groups[i]!
      failed.push(...damaged.map(({ error }) => failureOf(error, artifact.path)))
      const share = there?.groups[i]
      return {
        ...seenOf(artifact),
        here: { unique, shared, absent },
        ...(share && { remote: { unique: share.unique, shared: share.shared, state: share.states[0]! } }),
      }
    })
    const bytes = cacheBytes(session.cache.layout)
    const sum = (of: (artifact: DuArtifact) => number): number => found.reduce((total, one) => total + of(one), 0)
    return {
      artifacts: found.sort((a, b) => b.logical - a.logical || (a.path < b.path ? -1 : 1)),
      total: {
        logical: sum(({ logical }) => logical),
        here: { stored: here.stored[named.size]!, absent: sum((one) => one.here.absent) },
        ...(there && { remote: { stored: there.stored[named.size]! } }),
      },
      cache: { bytes, unnamed: Math.max(0, bytes - here.stored.at(-1)!) },
      ...(there && { remote: there.name }),
      failed: failed satisfies Failure[],
    }
  })
}

function seenOf({ path, pointer: { kind, size, files } }: Artifact): Omit<DuArtifact, 'here'> {
  return {
    path,
    kind: kind === 'd' ? 'directory' : 'file',
    logical: size,
    ...(files === undefined ? {} : { files }),
  }
}

type Groups = Parameters<typeof import('@art/remote/transfer/usage.ts').remoteUsage>[0]

async function remoteShares(session: Session, groups: Groups, { cloud, remote, signal, onEvent }: DuOptions) {
  if (!cloud && remote === undefined) return undefined
  const [{ withRemote }, { remoteUsage }] = [
    await import('../exchange/open-store.ts'),
    await import('@art/remote/transfer/usage.ts'),
  ]
  if (signal !== undefined) setMaxListeners(0, signal)
  return await withRemote(session.repo, { remote }, 'read', async ({ store, settings: { name } }) => ({
    name,
    ...(await remoteUsage(groups, { store, cache: session.cache, signal, onEvent })),
  }))
}
