import { begunTags, forgetBegunTags } from '../git/begun-tags.ts'
import { catchUp } from '../git/unfinished.ts'
import type { Repo } from '../open.ts'
import type { StageOptions } from '../stage-api.ts'
import { withLock } from '../workspace/lock.ts'
import { openRegistry, type Registry } from './open.ts'

/** Runs the work of a verb that moves stages: alone in its workspace, behind what a killed command had left undone; `begun`: as `begunTags` tells. */
export async function changingStages<T>(
  repo: Repo,
  { dryRun = false, commit = true }: Pick<StageOptions, 'dryRun' | 'commit'>,
  work: (registry: Registry, begun: readonly string[]) => Promise<T>,
): Promise<T> {
  return await withLock(repo, async () => {
    const registry = await openRegistry(repo)
    if (!dryRun && commit) await catchUp(repo)
    const done = await work(registry, begunTags(repo))
    if (!dryRun) forgetBegunTags(repo)
    return done
  })
}
