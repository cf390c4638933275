import type { Failure, PullOptions, PullResult } from '../api.ts'
import { fetchWanted } from '../exchange/transfer.ts'
import { asksForRevisions, ofWorkspace, wantedTargets } from '../exchange/wanted.ts'
import type { Repo } from '../open.ts'
import type { Artifact } from '../target/find.ts'
import { checkoutTargets } from '../workspace/checkout-targets.ts'
import { withLock } from '../workspace/lock.ts'
import { withSession } from '../workspace/session.ts'

/** Fetches, then brings the workspace along. What could not be fetched is named; the rest is checked out all the same. */
export async function pull(repo: Repo, names: readonly string[], options: PullOptions = {}): Promise<PullResult> {
  const wanted = await wantedTargets(repo, names, options, { parts: true })
  return await withLock(repo, () =>
    withSession(repo, options, async (session) => {
      const fetched = await fetchWanted(session, wanted, options)
      let { artifacts = [] } = wanted
      if (asksForRevisions(options)) {
        const here = ofWorkspace(options)
        const current = await wantedTargets(repo, names, here, { parts: true })
        artifacts = current.artifacts ?? []
        fetched.failed.push(...(await fetchWanted(session, current, here)).failed)
      }
      const checkout = await checkoutTargets(session, names, options)
      // What is only previewed is not here yet, and what both halves cannot read is one thing.
      const previewed = new Set((fetched.would ?? []).map(({ path }) => path))
      const failed = checkout.failed.filter(
        ({ path, code }) => !(code === 'NOT_CACHED' && isNamed(path, previewed)) && !isSame(path, code, fetched.failed),
      )
      checkout.failed = byArtifact(failed, artifacts)
      return { ...fetched, checkout }
    }),
  )
}

function isSame(path: string, code: string, failed: readonly Failure[]): boolean {
  return failed.some((one) => one.path === path && one.code === code)
}

/** Files that are not here, one line for each artifact: what the remote lacks is named file by file already. */
function byArtifact(failed: readonly Failure[], artifacts: readonly Artifact[]): Failure[] {
  const lacking = new Map<string, number>()
  const kept: Failure[] = []
  const owners = new Map(artifacts.map((artifact) => [artifact.path, artifact]))
  for (const failure of failed) {
    const owner = failure.code === 'NOT_CACHED' ? ownerOf(failure.path, owners) : undefined
    if (owner === undefined) {
      kept.push(failure)
      continue
    }
    const before = lacking.get(owner.path)
    if (before === undefined) kept.push({ ...failure, path: owner.path })
    lacking.set(owner.path, (before ?? 0) + (failure.path === owner.path ? 0 : 1))
  }
  return kept.map((failure) => {
    const count = failure.code === 'NOT_CACHED' ? (lacking.get(failure.path) ?? 0) : 0
    const { files = 1 } = owners.get(failure.path)?.pointer ?? {}
    return count === 0 ? failure : { ...failure, message: `${count} of its ${files} files are not in the cache` }
  })
}

function ownerOf(path: string, artifacts: ReadonlyMap<string, Artifact>): Artifact | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const artifact = artifacts.get(path.slice(0, end))
    if (artifact !== undefined) return artifact
  }
  return undefined
}

function isNamed(path: string, named: ReadonlySet<string>): boolean {
  return [...named].some((one) => one === path || one.startsWith(`${path}/`) || path.endsWith(`/${one}`))
}
