import { ArtError, isArtError } from '@art/core'
import type { MlflowAdopted, MlflowPullOptions, MlflowPullResult } from '../mlflow-api.ts'
import { failureOf } from '../target/find.ts'
import { type Adopting, adoptVersion } from './adopt-version.ts'
import type { Adoptable } from './adoptable.ts'
import type { KnownVersions } from './known-versions.ts'

/** What is wrong with the server as a whole, or with this machine: the next version would fare no better. */
const OF_ALL = ['REMOTE_UNAVAILABLE', 'REMOTE_AUTH', 'TIMEOUT', 'INTERRUPTED', 'DISK_FULL', 'LOCKED'] as const

/** Adopts one thing, unless it is here; notes in the result what came of it. Fails with what is wrong with the server as a whole. */
export async function adoptOne(
  place: Adopting,
  wanted: Adoptable,
  aliases: readonly string[],
  known: KnownVersions,
  result: MlflowPullResult,
): Promise<void> {
  try {
    const here = presentOf(place, wanted, known)
    if (here !== undefined) {
      result.models.push({ ...here, aliases: [...aliases] })
      return
    }
    const { adopted, gitPaths } = await adoptVersion(place, wanted, aliases)
    result.models.push(adopted)
    result.gitPaths.push(...gitPaths)
  } catch (error) {
    if (isOfAll(error, place.options)) throw error
    const failure = failureOf(error, wanted.label)
    const where =
      error instanceof ArtError && error.path !== undefined && error.path !== wanted.label ? ` (${error.path})` : ''
    result.failed.push({ ...failure, message: `${failure.message}${where}` })
  }
}

/** One that is here: taken over before, or that this repository pushed. */
function presentOf(
  { repo, model }: Adopting,
  { version, origin, tags, shown }: Adoptable,
  known: KnownVersions,
): MlflowAdopted | undefined {
  const common = { ...shown, model, version, aliases: [] }
  const here = known.find(origin)
  if (here !== undefined) return { ...common, path: here.path, oid: here.oid, size: here.size, state: 'unchanged' }
  if (tags.get('art.repo') !== repo.repoId) return undefined
  return { ...common, model: tags.get('art.model') ?? model, path: tags.get('art.path') ?? '', state: 'ours' }
}

export function isOfAll(error: unknown, { signal }: MlflowPullOptions): boolean {
  return signal?.aborted === true || OF_ALL.some((code) => isArtError(error, code))
}
