import { join } from 'node:path'
import { fromHex } from '@art/core'
import { listed } from '@art/core/listed.ts'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import { parsePointer } from '@art/core/pointer/pointer.ts'
import { missingInCache } from '@art/remote/transfer/missing.ts'
import { isArchived } from '../cleaning/archived.ts'
import type { CheckOptions, CheckProblem, CheckResult } from '../api.ts'
import { type IndexedPointer, indexPointers, type StagedFile, stagedFiles } from '../git/staging.ts'
import type { UnsafeContent } from '../model/gate.ts'
import { missingMetrics } from '../model/missing-metrics.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import { type Artifact, failureOf, failuresOf, findPointers } from '../target/find.ts'
import { repoPath, typedPath } from '../target/path.ts'
import { type Session, withSession } from '../workspace/session.ts'
import { artifactStatus } from '../workspace/artifact-status.ts'

/**
 * The gate before a commit: what git is about to take must be in the cache, be what lies in the workspace, and run nothing when it is
 * loaded. Local and offline unless `pushed` is asked for.
 */
export async function check(repo: Repo, options: CheckOptions = {}): Promise<CheckResult> {
  return await withSession(repo, options, async (session) => {
    const problems: CheckProblem[] = []
    const wants = filterOf(repo, options.paths)
    const committed =
      repo.gitRoot === undefined ? await workspacePointers(session, problems) : await stagedPointers(session, problems)
    const checked = committed.filter(({ path }) => wants(path))
    for (const artifact of checked) await checkArtifact(session, artifact, problems)
    if (repo.gitRoot !== undefined) await checkStagedFiles(session, problems, wants)
    if (options.pushed) await checkPushed(session, checked, options, problems)
    session.files.save()
    return {
      ok: problems.length === 0,
      checked: checked.length,
      problems: problems.filter(({ path }) => wants(path) || path.endsWith('.art')),
    }
  })
}

function filterOf(repo: Repo, names: readonly string[] | undefined): (path: string) => boolean {
  if (names === undefined || names.length === 0) return () => true
  const wanted = new Set(
    names.map((name) => repoPath(repo, name)).map((path) => (isPointerPath(path) ? dataPathFor(path) : path)),
  )
  return (path) => {
    // What is wrong inside a directory goes by its own name.
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) if (wanted.has(at)) return true
    return wanted.has(dataPathFor(path))
  }
}

interface Checked extends Artifact {
  /** New or changed in what is about to be committed: then its content must be here. */
  fresh: boolean
}

async function workspacePointers({ repo }: Session, problems: CheckProblem[]): Promise<Checked[]> {
  const { artifacts, failed } = await findPointers(repo)
  for (const failure of failed) problems.push({ hint: 'Restore the pointer.', ...failure })
  return artifacts.map((artifact) => ({ ...artifact, fresh: true }))
}

/** The pointers as git's index has them: that, and not the working tree's files, is what a commit takes. */
async function stagedPointers({ repo }: Session, problems: CheckProblem[]): Promise<Checked[]> {
  const changed = new Set((await stagedFiles(repo)).map(({ path }) => path))
  const found: Checked[] = []
  const conflicts = new Set<string>()
  for (const staged of await indexPointers(repo)) {
    if (staged.stage !== 0) {
      conflicts.add(staged.path)
      continue
    }
    try {
      found.push({ ...(await artifactOf(repo, staged)), fresh: changed.has(staged.path) })
    } catch (error) {
      problems.push({ hint: 'Restore the pointer and stage it again.', ...failureOf(error, staged.path) })
    }
  }
  for (const path of conflicts) {
    const hint = `Keep one side with \`git checkout --ours\` or \`--theirs\`, then \`git add ${shellWord(typedPath(repo, path))}\`.`
    problems.push({ path, code: 'POINTER_CONFLICT', message: 'the pointer is in a merge conflict', hint })
  }
  return found
}

async function artifactOf(repo: Repo, { path: pointerPath, text }: IndexedPointer): Promise<Artifact> {
  const pointer = await parsePointer(text, { path: pointerPath })
  const path = dataPathFor(pointerPath)
  const absolutePath = join(repo.root, path)
  return { path, pointerPath, absolutePath, absolutePointer: join(repo.root, pointerPath), pointer, pointerText: text }
}

async function checkArtifact(session: Session, artifact: Checked, problems: CheckProblem[]): Promise<void> {
  const { path, pointer } = artifact
  const typed = typedPath(session.repo, path)
  try {
    const { state } = await artifactStatus(session, artifact)
    if (state === 'modified') {
      const hint = `Run \`art add ${typed}\` and stage ${typed}.art, or \`art checkout --force ${typed}\` to drop the change; \`git commit --no-verify\` goes past this check.`
      problems.push({ path, code: 'WOULD_OVERWRITE', message: 'the data changed since its pointer was written', hint })
    }
    if (!artifact.fresh) return
    checkMetrics(session, artifact, problems)
    const { kind, oid, size, files } = pointer
    const cached = kind === 'f' && session.cache.hasFile(fromHex(oid), size)
    const missing = cached ? [] : missingInCache({ kind, oid, size, path, files }, session.cache)
    const [first] = missing
    if (first === undefined) return await checkSafe(session, artifact, problems)
    // It was archived because the remote has it.
    if (isArchived(artifact)) return
    const more = missing.length > 1 ? ` (and ${missing.length - 1} more)` : ''
    const hint = `Run \`art add ${typed}\` where the data is, or \`art fetch ${typed}\`.`
    problems.push({ path: first.path, code: 'NOT_CACHED', message: `the content is not in the cache${more}`, hint })
    if (kind === 'f') await checkSafe(session, artifact, problems)
  } catch (error) {
    for (const failure of failuresOf(session.repo, error, path)) {
      problems.push({ hint: 'Look at it with `art status`.', ...failure })
    }
  }
}

function checkMetrics({ repo }: Session, { path, pointer }: Checked, problems: CheckProblem[]): void {
  const missing = missingMetrics(pointer, repo.config.get('check.metrics') ?? [])
  if (missing.length === 0) return
  const given = missing.map((name) => `--metric ${shellWord(`${name}=`)}<value>`).join(' ')
  const typed = shellWord(typedPath(repo, path))
  const hint = `Run \`art add ${given} ${typed}\` and stage ${typed}.art; check.metrics in the configuration asks for it.`
  problems.push({ path, code: 'METRICS_MISSING', message: `its pointer tells no ${missing.join(' and no ')}`, hint })
}

const NAMES_SHOWN = 5

/** What loading the content would run, before others load it. */
async function checkSafe(session: Session, { path, pointer }: Checked, problems: CheckProblem[]): Promise<void> {
  const { unsafeContent } = await import('../model/gate.ts')
  const { unsafe, skipped } = await unsafeContent(session, pointer, path)
  for (const found of unsafe) problems.push(unsafeProblem(session, found))
  if (skipped === 0) return
  const typed = typedPath(session.repo, path)
  const message = `${skipped} files that could be pickles were not looked at: \`art scan ${shellWord(typed)}\` does`
  session.options.onEvent?.({ type: 'warning', message, path: typed })
}

function unsafeProblem({ repo }: Session, { path, imports }: UnsafeContent): CheckProblem {
  const target = shellWord(typedPath(repo, path))
  const allowed = imports.length > NAMES_SHOWN ? '<names>' : shellWord(imports.join(','))
  return {
    path,
    code: 'MODEL_UNSAFE',
    message: `loading it can run anything: it imports ${listed(imports, NAMES_SHOWN)}`,
    hint: `Look at it with \`art scan ${target}\` and do not load it. Whoever trusts it runs \`art config --local check.allow_imports ${allowed}\`; \`git commit --no-verify\` goes past this check.`,
  }
}

/** What git itself would give to others: the staged bytes, not those of the working tree. */
async function checkStagedPickles(
  session: Session,
  staged: readonly StagedFile[],
  problems: CheckProblem[],
): Promise<void> {
  const { unsafeStaged } = await import('../model/staged-pickles.ts')
  const { unsafe, skipped } = await unsafeStaged(session.repo, staged)
  for (const found of unsafe) problems.push(unsafeProblem(session, found))
  for (const path of skipped) {
    const typed = typedPath(session.repo, path)
    const message = `it could be a pickle, and is too large for this check: \`art scan ${shellWord(typed)}\` looks at it`
    session.options.onEvent?.({ type: 'warning', message, path: typed })
  }
}

/** Files that git itself is about to take: none should be large, and none an unsafe pickle. */
async function checkStagedFiles(
  session: Session,
  problems: CheckProblem[],
  wants: (path: string) => boolean,
): Promise<void> {
  const { repo } = session
  const staged = (await stagedFiles(repo)).filter(
    ({ path, mode }) => mode.startsWith('100') && !isPointerPath(path) && wants(path),
  )
  if (staged.length > 0) await checkStagedPickles(session, staged, problems)
  const limit = repo.config.get('check.large_file')
  if (limit === 0) return
  for (const { path, size } of staged) {
    if (size < limit) continue
    const typed = typedPath(repo, path)
    const hint = `Run \`git rm --cached ${typed}\`, then \`art add ${typed}\`; or raise check.large_file with \`art config\`.`
    problems.push({ path, code: 'TRACKED_BY_GIT', message: `a file of ${size} bytes is about to enter git`, hint })
  }
}

async function checkPushed(
  session: Session,
  artifacts: readonly Artifact[],
  options: CheckOptions,
  problems: CheckProblem[],
): Promise<void> {
  const { cloudStates, lackOf } = await import('../exchange/cloud.ts')
  for (const [path, state] of await cloudStates(session, artifacts, options)) {
    if (state === 'ok') continue
    problems.push({
      path,
      code: 'MISSING_OBJECTS',
      message: lackOf(state),
      hint: `Run \`art push ${typedPath(session.repo, path)}\`.`,
    })
  }
}
