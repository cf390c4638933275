import { ArtError, type CallOptions } from '@art/core'
import { formatGtoTag, LAST_COUNTER } from '@art/registry/tag/grammar.ts'
import { type ModelLedger, nextCounter } from '@art/registry/tag/ledger.ts'
import { formatTagMessage, type TagFacts } from '@art/registry/tag/message.ts'
import type { Tag } from '@art/registry/tag/tag.ts'
import type { NewTag } from '../git/annotated-tag.ts'
import { branchOrNone, headOf, moved, prepare } from '../git/publish.ts'
import { assertIdle, isShallow, tagsFetch } from '../git/state.ts'
import { nextPush, pushPrepared, type PushTarget, pushTarget, remoteRefs, sentTo } from '../git/push.ts'
import { assertWritable } from '../git/settle-files.ts'
import { stand } from '../git/stand.ts'
import type { Repo } from '../open.ts'
import type { StageMove } from '../stage-api.ts'
import { unsentTags } from './missed-tags.ts'
import { type Moment, momentAfter } from './moment.ts'
import { type Registry, registryWith } from './open.ts'
import { regenerate } from './regenerate.ts'

/** What a tag will say. */
export interface StageTag {
  undone: boolean
  /** That the version's tag is of; full hash. */
  commit: string
  /** For people: the first line of its message. */
  subject: string
  facts: TagFacts
}

export interface StageChange {
  ledger: ModelLedger
  stage: string
  /** In the order in which they count. */
  tags: readonly StageTag[]
  /** First line of the commit's message. */
  subject: string
  reason: string | undefined
}

export interface PublishOptions extends CallOptions {
  commit?: boolean
  push?: boolean | string
  dryRun?: boolean
}

/** What became of it. */
export type Outcome = Pick<StageMove, 'tags' | 'files' | 'filesCommit' | 'left' | 'pushed' | 'next' | 'dryRun'>

/**
 * Makes the tags of a stage that moves, and the commit of the files that tell of it, in one transaction; with `push` the remote takes all of it
 * first, or nothing is changed anywhere. Fails with `GIT`, `USAGE`, `TAG_EXISTS`, and as `regenerate`.
 */
export async function moveStage(
  repo: Repo,
  registry: Registry,
  change: StageChange,
  { commit = true, push = false, dryRun = false, ...options }: PublishOptions,
): Promise<Outcome> {
  await assertReady(repo, commit)
  const head = await headOf(repo)
  const moment = await momentAfter(repo, change.ledger)
  const tags = newTags(registry, change)
  const after = registryWith(
    registry,
    tags.map((tag) => tagOf(tag, moment)),
  )
  const files = commit ? await regenerate(repo, after, { ...options, base: head }) : []
  assertWritable(repo, files)
  const names = { tags: tags.map(({ name }) => name), files: files.map(({ path }) => path) }
  const branch = await branchOrNone(repo)
  const target = push === false ? undefined : await pushTarget(repo, branch, push === true ? undefined : push)
  const sent = {
    pushed: target === undefined ? null : sentTo(target, files.length > 0),
    next:
      target === undefined ? await nextPush(repo, branch, { tags: names.tags, withBranch: files.length > 0 }) : null,
    dryRun,
  }
  if (dryRun) return { ...names, filesCommit: null, left: [], ...sent }
  const message = change.reason === undefined ? change.subject : `${change.subject}\n\n${change.reason}`
  const prepared = await prepare(repo, { files, message, tags, date: moment.stamp })
  if (prepared.before !== head) throw moved('HEAD')
  options.signal?.throwIfAborted()
  if (target !== undefined) await pushPrepared(repo, prepared, target, options.signal)
  const left = await stand(repo, prepared, files, { remote: target?.remote, what: 'tags and commit stand' })
  if (target !== undefined) await warnOfUnsent(repo, registry, target, options)
  return { ...names, filesCommit: prepared.commit ?? null, left, ...sent }
}

/** Tags of before may never have been sent: then nobody else knows which version has the stage, or what the branch's files tell of. */
async function warnOfUnsent(
  repo: Repo,
  registry: Registry,
  { remote }: PushTarget,
  { onEvent, signal }: CallOptions,
): Promise<void> {
  // All of it stands: nothing may fail any more.
  const refs = await remoteRefs(repo, remote, signal).catch(() => undefined)
  const message = refs && unsentTags(registry, { remote, refs })
  if (message !== undefined) onEvent?.({ type: 'warning', message })
}

/** Fails with `GIT`, `LOCKED` and `USAGE` where tags could be unknown here, or a commit would come in the way of something. */
async function assertReady(repo: Repo, commit: boolean): Promise<void> {
  if (isShallow(repo)) {
    throw new ArtError('GIT', 'the clone is shallow, so tags and versions may be unknown here', {
      path: repo.gitRoot,
      hint: `Run \`${tagsFetch(repo)}\`.`,
    })
  }
  if (!commit) return
  assertIdle(repo)
  if ((await branchOrNone(repo)) !== undefined) return
  throw new ArtError('USAGE', 'HEAD is on no branch, so a commit would be lost', {
    hint: 'Run `git switch <branch>` first; with --no-commit the tag alone is made.',
  })
}

function newTags({ folder }: Registry, { ledger, stage, tags, reason }: StageChange): Required<NewTag>[] {
  const { model } = ledger
  const first = nextCounter(ledger)
  if (first + tags.length - 1 > LAST_COUNTER) {
    throw new ArtError('UNSUPPORTED', 'a tag has used up all counters', {
      path: model,
      hint: `Delete the tags of ${model} that end in a number of fifteen digits.`,
    })
  }
  return tags.map(({ undone, commit, subject, facts }, at) => ({
    name: formatGtoTag({ kind: 'stage', model, stage, undone, counter: first + at }, folder),
    commit,
    message: formatTagMessage(subject, facts, facts.forced === undefined ? reason : undefined),
  }))
}

function tagOf({ name, commit, message }: Required<NewTag>, { date, author }: Moment): Tag {
  return { name, commit, message, date, author, annotated: true }
}
