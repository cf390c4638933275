import { statSync } from 'node:fs'
import { runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'
import type { Artifact } from '../target/find.ts'
import type { Model } from './find.ts'

/** A checkpoint that training may go on from. */
export interface Candidate {
  artifact: Artifact
  model: Model
  /** The workspace holds something else than the pointer names: these figures are of that. */
  modified: boolean
  epoch: number | undefined
  step: number | undefined
  /** It is named by itself, and is of this release. */
  release?: string
}

/**
 * The latest first: by epoch, then by step, those that tell none last; what is equal in both by the time of the commit that brought the pointer, or
 * of the file where that is not committed, then by path.
 */
export async function newestFirst(repo: Repo, candidates: readonly Candidate[]): Promise<Candidate[]> {
  const sorted = candidates.toSorted((a, b) => later(a, b) || (a.artifact.path < b.artifact.path ? -1 : 1))
  const ordered: Candidate[] = []
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1
    while (to < sorted.length && later(sorted[from]!, sorted[to]!) === 0) to++
    ordered.push(...(await byTime(repo, sorted.slice(from, to))))
    from = to
  }
  return ordered
}

function later(a: Candidate, b: Candidate): number {
  return compareLast(a.epoch, b.epoch) || compareLast(a.step, b.step)
}

function compareLast(a = Number.NEGATIVE_INFINITY, b = Number.NEGATIVE_INFINITY): number {
  return a === b ? 0 : b - a
}

/** Git is asked once for each that is equal: seldom more than a few. */
async function byTime(repo: Repo, equal: readonly Candidate[]): Promise<readonly Candidate[]> {
  if (equal.length === 1) return equal
  const timed: { candidate: Candidate; time: number }[] = []
  for (const candidate of equal) timed.push({ candidate, time: await timeOf(repo, candidate) })
  return timed.sort((a, b) => b.time - a.time).map(({ candidate }) => candidate)
}

async function timeOf(repo: Repo, { artifact, modified }: Candidate): Promise<number> {
  const file = modified ? artifact.absolutePath : artifact.absolutePointer
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (modified || repo.gitRoot === undefined) return written
  const { pointerPath } = artifact
  const differs = await runGit(repo, ['diff', '--quiet', 'HEAD', '--', pointerPath], { codes: [0, 1, 128, 129] })
  if (differs.code !== 0) return written
  const { stdout } = await runGit(repo, ['log', '-1', '--format=%ct', '--', pointerPath], { codes: [0, 128] })
  const seconds = Number(stdout.toString('latin1').trim())
  return seconds > 0 ? seconds * 1000 : written
}
