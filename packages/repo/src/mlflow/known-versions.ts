import { ORIGIN } from '@art/registry/mlflow/adoption.ts'
import type { ModelVersion } from '@art/registry/mlflow/registered-model.ts'
import type { Repo } from '../open.ts'
import { openRegistry } from '../registry/open.ts'
import { records } from '../registry/records.ts'
import { type Artifact, findPointers } from '../target/find.ts'

export interface KnownVersions {
  /** The artifact that a version was made; a release of it counts too. */
  find(version: ModelVersion): { path: string; oid: string; size: number } | undefined
  /** Names of versions that git has: `model@version`. */
  released: ReadonlySet<string>
  /** What holds a path. */
  at(path: string): Artifact | undefined
}

/** Which versions of MLflow's are here: their pointers say so, wherever they were moved to. */
export async function knownVersions(repo: Repo): Promise<KnownVersions> {
  const { artifacts } = await findPointers(repo)
  const byPath = new Map(artifacts.map((artifact) => [artifact.path, artifact]))
  const byOrigin = new Map<string, { path: string; oid: string; size: number }>()
  const all = await records(repo, await openRegistry(repo))
  for (const { path, oid, size, facts } of all) {
    const origin = originOf(new Map(Object.entries(facts.meta ?? {})))
    if (origin !== undefined) byOrigin.set(origin, { path, oid, size })
  }
  for (const { path, pointer } of artifacts) {
    const origin = originOf(pointer.meta)
    if (origin !== undefined) byOrigin.set(origin, { path, oid: pointer.oid, size: pointer.size })
  }
  return {
    find: ({ name, version, run }) => byOrigin.get(JSON.stringify([name, version, run ?? null])),
    released: new Set(all.map(({ model, version }) => `${model}@${version}`)),
    at: (path) => byPath.get(path),
  }
}

/** The run tells versions of two servers apart. */
function originOf(meta: ReadonlyMap<string, unknown> | undefined): string | undefined {
  const [name, version, run] = [meta?.get(ORIGIN.model), meta?.get(ORIGIN.version), meta?.get(ORIGIN.run)]
  if (name === undefined || version === undefined) return undefined
  return JSON.stringify([String(name), String(version), run === undefined ? null : String(run)])
}
