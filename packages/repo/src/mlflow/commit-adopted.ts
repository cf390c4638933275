import { posix } from 'node:path'
import { ArtError } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { MODELS_FILE, parseModelsFile } from '@art/registry/models-file/models-file.ts'
import { filesAt } from '../git/files-at.ts'
import type { CommittedFile } from '../git/commit-files.ts'
import { headOf, prepare } from '../git/publish.ts'
import { assertWritable } from '../git/settle-files.ts'
import { stand } from '../git/stand.ts'
import { changedFiles } from '../git/state.ts'
import { catchUp } from '../git/unfinished.ts'
import { ignoreLine } from '../ignore/gitignore.ts'
import type { Repo } from '../open.ts'
import type { MlflowAdopted } from '../mlflow-api.ts'
import { type Reasons, stateGates } from '../registry/git-gates.ts'
import { type Artifact, pointerTextAt } from '../target/find.ts'
import type { KnownVersions } from './known-versions.ts'
import { withEntries } from './models-entry.ts'

/**
 * Asks before anything is downloaded whether git would take commits. Changes that an earlier pull has left do not count: they are what is committed.
 * Fails with `RELEASE_REFUSED`, telling every reason.
 */
export async function assertCommittable(repo: Repo, known: KnownVersions): Promise<void> {
  const reasons: Reasons = []
  await catchUp(repo)
  const own = await ownChanges(repo, known)
  await stateGates(repo, true, reasons, (path) => own.has(path))
  const [first] = reasons
  if (first === undefined) return
  throw new ArtError('RELEASE_REFUSED', 'nothing is released', {
    path: first.path,
    hint: reasons.length === 1 ? first.hint : 'Do what is said of each, then run it again.',
    details: reasons,
  })
}

/** Makes a commit of pointers, of the lines that hide their data, and of `models.yaml`; null where HEAD has all of it. */
export async function commitAdopted(repo: Repo, wanted: readonly MlflowAdopted[]): Promise<string | null> {
  const head = await headOf(repo)
  const paths = new Set([...wanted.map(({ path }) => pointerPathFor(path)), ...wanted.map(ignoreFile), MODELS_FILE])
  const there = await filesAt(
    repo,
    [...paths].map((path) => ({ commit: head, path })),
  )
  const files = [...paths].flatMap((path, at): CommittedFile[] => {
    const text = pointerTextAt(repo, path)
    return text === undefined || text === there[at] ? [] : [{ path, text }]
  })
  if (files.length === 0) return null
  assertWritable(repo, files)
  const prepared = await prepare(repo, { files, message: 'Models from MLflow', tags: [] })
  await stand(repo, prepared, files, { remote: undefined, what: 'the commit stands' })
  return prepared.commit ?? null
}

function ignoreFile({ path }: { path: string }): string {
  return posix.join(posix.dirname(path), '.gitignore')
}

/** Changed files whose changes are a pull's alone. */
async function ownChanges(repo: Repo, { artifacts }: KnownVersions): Promise<Set<string>> {
  const changed = await changedFiles(repo)
  if (changed.length === 0) return new Set()
  const commit = await headOf(repo)
  const texts = await filesAt(
    repo,
    changed.map((path) => ({ commit, path })),
  )
  const own = new Set<string>()
  for (const [at, path] of changed.entries()) {
    const text = path.startsWith('../') ? undefined : pointerTextAt(repo, path)
    if (text !== undefined && (await isOwn(path, { text, before: texts[at] ?? '' }, artifacts))) own.add(path)
  }
  return own
}

async function isOwn(
  path: string,
  { text, before }: { text: string; before: string },
  artifacts: readonly Artifact[],
): Promise<boolean> {
  if (path === MODELS_FILE) return await addsEntries(text, before, artifacts)
  if (posix.basename(path) !== '.gitignore') return artifacts.some(({ pointerPath }) => pointerPath === path)
  const lines = new Set(
    artifacts.filter((one) => ignoreFile(one) === path).map((one) => ignoreLine(posix.basename(one.path))),
  )
  const added = text.startsWith(before) ? text.slice(before.length) : undefined
  return added?.split(/\r?\n/).every((line) => line === '' || lines.has(line)) ?? false
}

async function addsEntries(text: string, before: string, artifacts: readonly Artifact[]): Promise<boolean> {
  const paths = new Set(artifacts.map(({ path }) => path))
  try {
    const known = await parseModelsFile(before)
    const added = [...(await parseModelsFile(text)).values()].filter(({ name }) => !known.has(name))
    if (!added.every(({ path }) => paths.has(path))) return false
    return text === (await withEntries(before, added))
  } catch {
    return false
  }
}
