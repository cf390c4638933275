import { posix } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import { versionReference } from '@art/registry/tag/reference.ts'
import type { Failure } from '../api.ts'
import { type Archived, isArchived, readArchived, withArchived } from '../cleaning/archived.ts'
import { archivedInModelsFile, registryFiles, writeFiles } from '../cleaning/registry-files.ts'
import { assertKept, assertRoom, putPointer, takeAway } from '../cleaning/relocate.ts'
import type { Lying } from '../cleaning/workspace-hold.ts'
import { stageForUser } from '../git/staging.ts'
import type { Repo } from '../open.ts'
import type { UnarchivedArtifact, UnarchiveResult } from '../cleaning-api.ts'
import { type Artifact, failureOf, findPointers } from '../target/find.ts'
import { pathsNamed } from '../target/named-paths.ts'
import { namedPath } from '../target/path.ts'
import { checkoutTargets } from '../workspace/checkout-targets.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'

type Options = NonNullable<Parameters<typeof withSession>[1]> & { dryRun?: boolean }

/** What is archived, and what its pointer says of that. */
interface Away extends Archived {
  artifact: Artifact
}

interface Return extends Away {
  lying: Lying
  /** Of the pointer at the old place; undefined for a release that was not in the workspace. */
  text?: string
}

/**
 * Brings back what `archive` put away, to where it was: by its place in the archive or its old one, a folder, a glob, or a version. The data comes from the
 * cache where that has it. Nothing is committed. What could not be done is in `failed`.
 */
export async function unarchive(repo: Repo, names: readonly string[], options: Options = {}): Promise<UnarchiveResult> {
  if (names.length === 0)
    throw new ArtError('USAGE', 'nothing was named', { hint: 'Name what is archived, as `models/archived/x.pth`.' })
  return await withLock(repo, () => withSession(repo, options, (session) => unarchiveAll(session, names, options)))
}

async function unarchiveAll(session: Session, names: readonly string[], options: Options): Promise<UnarchiveResult> {
  const { repo } = session
  const failed: Failure[] = []
  const returns: Return[] = []
  for (const away of await awayOf(repo, names, failed)) {
    try {
      returns.push(await planned(session, away))
    } catch (error) {
      failed.push(failureOf(error, fromSystemError(error).path ?? away.artifact.path))
    }
  }
  const changes = returns.flatMap(({ release, artifact }) => {
    const [model, version] = release?.split(/@v(?=[^@]*$)/) ?? []
    return model === undefined || version === undefined
      ? []
      : [{ model, version, archived: false, path: artifact.path }]
  })
  const text = changes.length === 0 ? undefined : await archivedInModelsFile(repo, changes)
  if (changes.length > 0) await registryFiles(repo, options)
  const result: UnarchiveResult = { unarchived: [], files: [], failed, gitPaths: [], staged: false }
  if (options.dryRun === true) return { ...result, unarchived: returns.map((one) => unarchivedOf(one, 'ok')) }
  const changed: string[] = []
  if (text !== undefined) result.files.push(...writeFiles(repo, [{ path: MODELS_FILE, text }]))
  // Now already: of what has left the archive the same command would know no version any more.
  if (changes.length > 0) result.files.push(...writeFiles(repo, await registryFiles(repo, options)))
  for (const one of returns) {
    options.signal?.throwIfAborted()
    try {
      result.unarchived.push(unarchivedOf(one, await apply(session, one, changed)))
    } catch (error) {
      failed.push(failureOf(error, one.artifact.path))
    }
  }
  if (changes.length > 0) {
    const again = writeFiles(repo, await registryFiles(repo, options))
    result.files.push(...again.filter((path) => !result.files.includes(path)))
  }
  return { ...result, ...(await stageForUser(repo, [...result.files, ...changed])) }
}

async function awayOf(repo: Repo, names: readonly string[], failed: Failure[]): Promise<Away[]> {
  const all: Away[] = []
  for (const artifact of (await findPointers(repo)).artifacts.filter(isArchived))
    all.push({ artifact, ...(await readArchived(artifact.pointerText, artifact.pointerPath)) })
  const chosen = new Set<Away>()
  for (const name of names) {
    const isWanted = wanted(repo, name)
    const some = all.filter(isWanted)
    for (const one of some) chosen.add(one)
    if (some.length > 0) continue
    const hint = all.length === 0 ? 'Nothing is archived.' : `Look into ${posix.dirname(all[0]!.artifact.path)}.`
    failed.push({ path: namedPath(repo, name), code: 'NOT_FOUND', message: 'nothing of this name is archived', hint })
  }
  return [...chosen]
}

function wanted(repo: Repo, name: string): (away: Away) => boolean {
  const { model, version } = versionReference(name) ?? {}
  if (version !== undefined) return ({ release }) => release === `${model}@v${version}`
  const isNamed = pathsNamed(repo, name)
  return ({ artifact, from }) =>
    [artifact.path, artifact.pointerPath, ...(from === undefined ? [] : [from, pointerPathFor(from)])].some(isNamed)
}

async function planned(session: Session, away: Away): Promise<Return> {
  const { artifact, from } = away
  const lying = await assertKept(session, artifact)
  if (from === undefined) return { ...away, lying }
  const plain = await withArchived(artifact.pointerText, {}, artifact.pointerPath)
  const text = await serializePointer({ ...artifact.pointer, path: posix.basename(from) }, plain)
  await assertRoom(session.repo, from, text, artifact.path)
  return { ...away, lying, text }
}

/** The pointer at the old place first and the one in the archive last, so that a run that was cut short can be repeated. */
async function apply(
  session: Session,
  { artifact, from, text, lying }: Return,
  changed: string[],
): Promise<UnarchivedArtifact['state']> {
  const back = from !== undefined && text !== undefined
  if (back) changed.push(...putPointer(session, from, text))
  const state = back ? await broughtBack(session, from) : 'none'
  if (from !== artifact.path) changed.push(...(await takeAway(session, artifact, { lying, pointer: true })))
  return state
}

async function broughtBack(session: Session, path: string): Promise<'ok' | 'not-in-cache'> {
  const { failed } = await checkoutTargets(session, [`${session.repo.root}/${pointerPathFor(path)}`], session.options)
  const [failure] = failed
  if (failure === undefined) return 'ok'
  if (failure.code === 'NOT_CACHED') return 'not-in-cache'
  throw new ArtError(failure.code, failure.message, { path: failure.path, hint: failure.hint })
}

function unarchivedOf({ artifact, from, release }: Return, state: UnarchivedArtifact['state']): UnarchivedArtifact {
  return {
    path: from ?? null,
    from: artifact.path,
    oid: artifact.pointer.oid,
    size: artifact.pointer.size,
    ...(release === undefined ? {} : { release }),
    state,
  }
}
