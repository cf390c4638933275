import { type AdoptedOrigin, ORIGIN, originKey } from '@art/registry/mlflow/adoption.ts'
import type { Repo } from '../open.ts'
import { openRegistry } from '../registry/open.ts'
import { records } from '../registry/records.ts'
import { type Artifact, findPointers } from '../target/find.ts'

/** What something of MLflow's was made. */
export interface KnownVersion {
  path: string
  oid: string
  size: number
  /** N of `0.0.N`, where art counted it. */
  number?: number
}

export interface KnownVersions {
  /** The artifact that it was made; a release of it counts too. */
  find(origin: AdoptedOrigin): KnownVersion | undefined
  /** Tags of versions that git has, by `model@version`. */
  released: ReadonlyMap<string, string>
  /** The highest N of a version `0.0.N` that was counted for an experiment. */
  lastOf(experiment: string): number
  /** Artifacts of the workspace that come from MLflow. */
  artifacts: readonly Artifact[]
}

/** Which versions of MLflow's are here: their pointers say so, wherever they were moved to. */
export async function knownVersions(repo: Repo): Promise<KnownVersions> {
  const { artifacts } = await findPointers(repo)
  const byOrigin = new Map<string, KnownVersion>()
  const last = new Map<string, number>()
  const note = (meta: ReadonlyMap<string, unknown> | undefined, made: KnownVersion): boolean => {
    const key = originKey(meta)
    if (key === undefined) return false
    const [number, experiment] = [meta!.get(ORIGIN.version), meta!.get(ORIGIN.experiment)]
    byOrigin.set(key, typeof number === 'number' ? { ...made, number } : made)
    if (typeof number === 'number' && typeof experiment === 'string')
      last.set(experiment, Math.max(number, last.get(experiment) ?? 0))
    return true
  }
  const all = repo.gitRoot === undefined ? [] : await records(repo, await openRegistry(repo))
  for (const { path, oid, size, facts } of all) note(new Map(Object.entries(facts.meta ?? {})), { path, oid, size })
  const adopted = artifacts.filter(({ path, pointer: { meta, oid, size } }) => note(meta, { path, oid, size }))
  return {
    find: (origin) => byOrigin.get(originKey(new Map(Object.entries(origin)))!),
    released: new Map(all.map(({ model, version, tag }) => [`${model}@${version}`, tag])),
    lastOf: (experiment) => last.get(experiment) ?? 0,
    artifacts: adopted,
  }
}
