import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ArtError } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import { metadataPath } from '@art/registry/files/place.ts'
import { archivePlan, type Move } from '../cleaning/archive-plan.ts'
import { archivedInModelsFile, registryFiles, writeFiles } from '../cleaning/registry-files.ts'
import { putPointer, takeAway } from '../cleaning/relocate.ts'
import { assertNew, type Packed, writeTarball } from '../cleaning/tarball.ts'
import { cloudStates, lackOf } from '../exchange/cloud.ts'
import { stageForUser } from '../git/staging.ts'
import type { Repo } from '../open.ts'
import type { ArchivedArtifact, ArchiveOptions, ArchiveResult } from '../cleaning-api.ts'
import { textInWorkspace } from '../registry/current-files.ts'
import { failureOf } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'

/**
 * Puts artifacts and versions out of the way: the data leaves the workspace, the pointer goes to `models/archived/`, a version is listed as archived in
 * `models.yaml` and the registry files follow. The bytes must be on the remote, which is asked. Nothing is committed. What could not be done is in `failed`.
 */
export async function archive(
  repo: Repo,
  names: readonly string[],
  options: ArchiveOptions = {},
): Promise<ArchiveResult> {
  if (names.length === 0)
    throw new ArtError('USAGE', 'nothing was named', { hint: 'Name artifacts, or versions such as `name@v1.0.0`.' })
  return await withLock(repo, () => withSession(repo, options, (session) => archiveAll(session, names, options)))
}

async function archiveAll(session: Session, names: readonly string[], options: ArchiveOptions): Promise<ArchiveResult> {
  const { repo } = session
  const { name: remote } = repo.config.remote(options.remote)
  const tar = tarOf(repo, options)
  const plan = await archivePlan(session, names)
  const { moves, failed } = await onRemote(session, plan, options)
  const changes = moves.flatMap(({ release }) => (release === undefined ? [] : [{ ...release, archived: true }]))
  // Before anything moves: what cannot be written later is told now.
  const text = changes.length === 0 ? undefined : await archivedInModelsFile(repo, changes)
  if (changes.length > 0) await registryFiles(repo, options)
  const result: ArchiveResult = { archived: [], remote, files: [], failed, gitPaths: [], staged: false }
  if (options.dryRun === true) return { ...result, archived: moves.map(archivedOf) }
  if (tar !== undefined && moves.length > 0)
    result.tar = { path: tar.name, size: await writeTarball(tar, packedOf(repo, moves), session.cache, options) }
  const changed: string[] = []
  if (text !== undefined) result.files.push(...writeFiles(repo, [{ path: MODELS_FILE, text }]))
  for (const move of moves) {
    options.signal?.throwIfAborted()
    try {
      changed.push(...(await apply(session, move)))
      result.archived.push(archivedOf(move))
    } catch (error) {
      failed.push(failureOf(error, move.to))
    }
  }
  if (changes.length > 0) result.files.push(...writeFiles(repo, await registryFiles(repo, options)))
  return { ...result, ...(await stageForUser(repo, [...result.files, ...changed])) }
}

/** The new pointer first and the old one last: a run that was cut short can be repeated. */
async function apply(session: Session, { from, lying, to, text }: Move): Promise<string[]> {
  const put = putPointer(session, to, text)
  if (from === undefined) return put
  return [...put, ...(await takeAway(session, from, { lying, pointer: from.path !== to }))]
}

async function onRemote(
  session: Session,
  { moves, failed }: Awaited<ReturnType<typeof archivePlan>>,
  { remote, signal, onEvent }: ArchiveOptions,
): Promise<Awaited<ReturnType<typeof archivePlan>>> {
  if (moves.length === 0) return { moves, failed }
  const asked = moves.map(({ to, pointer }) => ({ path: to, pointer }))
  const states = await cloudStates(session, asked, { remote, signal, onEvent })
  const there: Move[] = []
  for (const move of moves) {
    const state = states.get(move.to)
    if (state === 'ok') {
      there.push(move)
      continue
    }
    const { from, release } = move
    const path = from?.path ?? `${release?.model}@v${release?.version}`
    const target = from === undefined ? `--rev ${release?.tag}` : typedPath(session.repo, from.path)
    failed.push({
      path,
      code: 'MISSING_OBJECTS',
      message: lackOf(state),
      hint: `Run \`art push ${target}\`: then it can leave the workspace.`,
    })
  }
  return { moves: there, failed }
}

function tarOf({ cwd }: Repo, { tar, force = false }: ArchiveOptions): Parameters<typeof writeTarball>[0] | undefined {
  if (tar === undefined) return undefined
  const file = { absolute: resolve(cwd, tar), name: tar, force }
  assertNew(file)
  if (existsSync(join(file.absolute, '..'))) return file
  throw new ArtError('NOT_FOUND', 'its folder is not there', { path: tar, hint: 'Make the folder first.' })
}

/** Data, pointer and metadata, at the places where an unarchived clone would have them. */
function packedOf(repo: Repo, moves: readonly Move[]): Packed[] {
  return moves.flatMap(({ to, pointer, text, release }): Packed[] => {
    const path = release && metadataPath(release.model, release.version)
    const metadata = path && textInWorkspace(repo, path)
    return [
      { path: to, pointer },
      { path: pointerPathFor(to), text },
      ...(path !== undefined && metadata !== undefined ? [{ path, text: metadata }] : []),
    ]
  })
}

function archivedOf({ from, to, pointer, lying, release }: Move): ArchivedArtifact {
  return {
    path: to,
    pointer: pointerPathFor(to),
    from: from?.path ?? null,
    oid: pointer.oid,
    size: pointer.size,
    ...(release === undefined ? {} : { release: `${release.model}@v${release.version}` }),
    dataDeleted: lying === 'kept',
  }
}
