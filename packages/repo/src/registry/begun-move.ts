import type { ModelLedger } from '@art/registry/tag/ledger.ts'
import type { Tag } from '@art/registry/tag/tag.ts'
import { gitLine } from '../git/line.ts'
import { branchOrNone, headOf } from '../git/publish.ts'
import { nextPush, pushPrepared, pushTarget, sentTo } from '../git/push.ts'
import type { Repo } from '../open.ts'
import type { Outcome, PublishOptions } from './move-stage.ts'

/** The last move of a stage, where a command that was killed made it: whoever repeats that command wants it, and not one more. */
export interface BegunMove {
  tags: readonly Tag[]
  kind: 'given' | 'taken' | 'rolled-back'
  /** The model as it was before. */
  before: ModelLedger
}

/** `begun`: names of tags that the killed command was about to make. Undefined where none of them is the last thing that was said of the stage. */
export function begunMove(ledger: ModelLedger, stage: string, begun: readonly string[]): BegunMove | undefined {
  const own = new Set(begun)
  const events = ledger.events.filter(({ word }) => word.kind === 'stage' && word.stage === stage)
  if (!own.has(events.at(-1)?.tag.name ?? '')) return undefined
  const made = events.filter(({ tag }) => own.has(tag.name))
  const undone = made.map(({ word }) => word.kind === 'stage' && word.undone)
  const kind = undone.every(Boolean) ? 'taken' : undone.some(Boolean) ? 'rolled-back' : 'given'
  const before = { ...ledger, events: ledger.events.filter(({ tag }) => !own.has(tag.name)) }
  return { tags: made.map(({ tag }) => tag), kind, before }
}

/** What is left to do of a move that stands: with `push` the remote gets it. Fails as `pushPrepared`. */
export async function completeMove(
  repo: Repo,
  { tags }: BegunMove,
  { commit = true, push = false, dryRun = false, signal }: PublishOptions,
): Promise<Outcome> {
  const names = tags.map(({ name }) => name)
  const branch = commit ? await branchOrNone(repo) : undefined
  const withBranch = branch !== undefined
  const done = { tags: names, files: [], filesCommit: null, left: [], dryRun }
  if (push === false) return { ...done, pushed: null, next: await nextPush(repo, branch, { tags: names, withBranch }) }
  const target = await pushTarget(repo, branch, push === true ? undefined : push)
  const head = await headOf(repo)
  const objects = await Promise.all(names.map((name) => gitLine(repo, ['rev-parse', `refs/tags/${name}`])))
  const prepared = { before: head, subject: '', tags: names.map((name, at) => ({ name, object: objects[at]! })) }
  const whole = branch === undefined ? prepared : { ...prepared, commit: head, branch }
  if (!dryRun) await pushPrepared(repo, whole, target, signal)
  return { ...done, pushed: sentTo(target, withBranch), next: null }
}
