import type { CallOptions } from '@art/core'
import type { Release } from '@art/registry/tag/ledger.ts'
import { parseTagMessage } from '@art/registry/tag/message.ts'
import type { Repo } from '../open.ts'
import type { Registry } from './open.ts'
import { records } from './records.ts'
import type { VersionPlace } from '../stage-api.ts'

/** From the tag alone where art made it; else from what its commit has, which costs a few git processes. */
export async function whereaboutsOf(
  repo: Repo,
  registry: Registry,
  release: Release,
  options: CallOptions = {},
): Promise<VersionPlace> {
  const { commit, tag, model } = release
  const told = parseTagMessage(tag.message)
  if (told?.oid !== undefined && told.path !== undefined) {
    const { gitCommit, oid, path, kind, size, weights } = told
    return {
      commit: gitCommit ?? commit,
      oid,
      path,
      ...(kind && { kind }),
      ...(size !== undefined && { size }),
      ...(weights && { weights }),
    }
  }
  const record = await recordOf(repo, registry, release, options)
  if (record === undefined) {
    const path = told?.path ?? registry.models.get(model)?.path ?? null
    return { commit: told?.gitCommit ?? commit, oid: told?.oid ?? null, path }
  }
  const { oid, path, kind, size, weights } = record
  return { commit: record.commit, oid, path, kind, size, ...(weights && { weights }) }
}

/** What is known of one release, whatever became of it; undefined where neither its tag nor its commit says what data it is of. */
export async function recordOf(
  repo: Repo,
  registry: Registry,
  { model, version, tag }: Release,
  { signal }: CallOptions = {},
) {
  const word = { kind: 'version', model, version, undone: false } as const
  const alone = { model, events: [{ word, tag }] }
  const [record] = await records(
    repo,
    { ...registry, ledger: new Map([[model, alone]]) },
    { ...(signal && { signal }), model },
  )
  return record
}
