import { type CallOptions, type ErrorDetail, isArtError } from '@art/core'
import { listed } from '@art/core/listed.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import { filesThere } from '../git/commit-files.ts'
import { filesAt } from '../git/files-at.ts'
import { identity, shortName } from '../git/line.ts'
import { branchOrNone, headOf } from '../git/publish.ts'
import { isBehindHead, type PushTarget, pushTarget, type RemoteRefs, remoteRefs } from '../git/push.ts'
import { changedFiles, isIndexLocked, isShallow, lockedBy, operationUnderWay, tagsFetch } from '../git/state.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import { typedPath } from '../target/path.ts'
import type { NamedModel } from './named-model.ts'

/** Why something is not to be released; collected, so that all of it is told at once. */
export type Reasons = ErrorDetail[]

const SHOWN = 8

/** What git's state says against a release: see docs/commands/release.md. Returns HEAD. Fails with `GIT` before the first commit. */
export async function gitGates(repo: Repo, model: NamedModel, commits: boolean, reasons: Reasons): Promise<string> {
  const head = await stateGates(repo, commits, reasons)
  await untrackedGate(repo, model, head, reasons)
  return head
}

/** Those that no model is needed for. Changes of files that are about to be committed do not count. */
export async function stateGates(
  repo: Repo,
  commits: boolean,
  reasons: Reasons,
  willCommit: (path: string) => boolean = () => false,
): Promise<string> {
  const head = await headOf(repo)
  const operation = operationUnderWay(repo)
  if (operation !== undefined)
    reasons.push({ path: 'HEAD', message: `${operation.what} is under way`, hint: operation.hint })
  if (isIndexLocked(repo)) {
    const { message, hint = '' } = lockedBy('index.lock')
    reasons.push({ path: '.git/index.lock', message, hint })
  }
  if (isShallow(repo)) {
    const hint = `Run \`${tagsFetch(repo)}\`.`
    reasons.push({
      path: '.git/shallow',
      message: 'the clone is shallow, so earlier releases may be unknown here',
      hint,
    })
  }
  if (commits && (await branchOrNone(repo)) === undefined) {
    const hint = 'Run `git switch <branch>`; with --no-commit the tag alone is made.'
    reasons.push({ path: 'HEAD', message: 'HEAD is on no branch, so a commit would be lost', hint })
  }
  await identityGate(repo, commits, reasons)
  const changed = (await changedFiles(repo)).filter((path) => !willCommit(path))
  if (changed.length > 0) reasons.push(dirty(changed.map((path) => typedPath(repo, path))))
  return head
}

async function identityGate(repo: Repo, commits: boolean, reasons: Reasons): Promise<void> {
  for (const who of commits ? (['COMMITTER', 'AUTHOR'] as const) : (['COMMITTER'] as const)) {
    try {
      await identity(repo, who)
    } catch (error) {
      if (!isArtError(error)) throw error
      const { message, path = 'user.name', hint = '' } = error
      reasons.push({ path, message, hint })
      return
    }
  }
}

function dirty(changed: readonly string[]): ErrorDetail {
  const what =
    changed.length === 1
      ? 'a tracked file has changes that are'
      : `${changed.length} tracked files have changes that are`
  const hint = 'Commit them, or put them away with `git stash`: a release is what a commit says.'
  return { path: changed[0]!, message: `${what} not committed: ${listed(changed, SHOWN)}`, hint }
}

/** What a release is made of must be in the commit; that it is as there, the clean tree says. */
async function untrackedGate(repo: Repo, model: NamedModel, head: string, reasons: Reasons): Promise<void> {
  const needed = [
    pointerPathFor(model.path),
    ...(model.assumed ? [] : [MODELS_FILE]),
    ...(model.metrics === undefined ? [] : [model.metrics]),
  ]
  const texts = await filesAt(
    repo,
    needed.map((path) => ({ commit: head, path })),
    { maxBytes: Number.MAX_SAFE_INTEGER },
  )
  const unread = needed.filter((_, at) => texts[at] === undefined)
  const there = await filesThere(repo, head, unread)
  for (const [at, path] of needed.entries()) {
    if (texts[at] !== undefined) continue
    const typed = typedPath(repo, path)
    if (there.has(path)) {
      const hint = 'Convert it to UTF-8, and commit that.'
      reasons.push({ path: typed, message: `${typed} is no file with text in UTF-8`, hint })
      continue
    }
    const hint = `Run \`git add ${shellWord(typed)}\` and \`git commit\`.`
    reasons.push({ path: typed, message: `${typed} is not committed`, hint })
  }
}

/** What the git remote says against a release that shall be pushed there. Undefined where it could not be asked. */
export async function pushGates(
  repo: Repo,
  { named, commits }: { named: string | undefined; commits: boolean },
  reasons: Reasons,
  { signal }: CallOptions,
): Promise<{ target: PushTarget; refs: RemoteRefs } | undefined> {
  try {
    const target = await pushTarget(repo, await branchOrNone(repo), named)
    const refs = await remoteRefs(repo, target.remote, signal)
    const tip = target.branch === undefined ? undefined : refs.branches.get(target.branch)
    if (commits && tip !== undefined && !(await isBehindHead(repo, tip))) {
      const short = shortName(target.branch!)
      const hint = `Run \`git pull --tags ${target.remote} ${short}\`.`
      reasons.push({ path: short, message: `${target.remote} has commits of ${short} that are not here`, hint })
    }
    return { target, refs }
  } catch (error) {
    if (!isArtError(error)) throw error
    const {
      message,
      hint = 'Check its address and your access, as with `git fetch`.',
      path = named ?? 'origin',
    } = error
    reasons.push({ path, message: `the git remote could not be asked: ${message}`, hint })
    return undefined
  }
}
