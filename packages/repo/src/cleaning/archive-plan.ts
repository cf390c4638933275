import { ArtError, fromSystemError } from '@art/core'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import { stagesOf } from '@art/registry/tag/ledger.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { posix } from 'node:path'
import type { Failure } from '../api.ts'
import type { NamedRelease } from '../registry/named-release.ts'
import { openRegistry } from '../registry/open.ts'
import { type Artifact, failureOf, findPointers } from '../target/find.ts'
import { resolveTargets, type Target } from '../target/resolve.ts'
import type { Session } from '../workspace/session.ts'
import { archivedPath, archivedReleasePath, releaseStem } from './archive-place.ts'
import { type Archived, isArchived, readArchived, withArchived } from './archived.ts'
import { assertKept, assertRoom } from './relocate.ts'
import type { Lying } from './workspace-hold.ts'

/** One thing to archive. */
export interface Move {
  /** What is in the workspace now; undefined for a release whose data is there no longer. */
  from: Artifact | undefined
  lying: Lying
  to: string
  /** Of the pointer there. */
  text: string
  pointer: Pointer
  release?: { model: string; version: string; path: string; tag: string }
}

/** What names stand for, each checked: it can be taken away, and there is room for it. What cannot be is in `failed`; what is archived already is left out. */
export async function archivePlan(
  session: Session,
  names: readonly string[],
): Promise<{ moves: Move[]; failed: Failure[] }> {
  const { repo } = session
  const { targets, failed } = await resolveTargets(repo, names, { releases: true })
  const moves: Move[] = []
  const places = new Set<string>()
  for (const target of targets) {
    const name = target.release?.name ?? target.artifact.path
    try {
      const move =
        target.release === undefined ? await ofPath(session, target) : await ofRelease(session, target.release)
      if (move === undefined) continue
      await assertRoom(repo, move.to, move.text, move.from?.path)
      if (places.has(move.to)) throw twice(move.to)
      places.add(move.to)
      moves.push(move)
    } catch (error) {
      failed.push(failureOf(error, fromSystemError(error).path ?? name))
    }
  }
  return { moves, failed }
}

async function ofPath(session: Session, { artifact, inside }: Target): Promise<Move | undefined> {
  if (isArchived(artifact)) return undefined
  const { path } = artifact
  if (inside !== undefined) {
    const hint = 'Name the directory itself.'
    throw new ArtError('USAGE', `it is part of the tracked directory ${path}`, { path: `${path}/${inside}`, hint })
  }
  return await moveOf(session, artifact, archivedPath(path))
}

/** The file that people keep of a version goes; else the one that it was released from, while that still is what was released. */
async function ofRelease(session: Session, release: NamedRelease): Promise<Move | undefined> {
  const { repo } = session
  const { model, version, path, pointer, pointerText, tag, name } = release
  if (version === undefined) {
    const hint = 'Name a version, as in `name@v1.0.0`.'
    throw new ArtError('USAGE', 'no version is registered there', { path: name, hint })
  }
  await refuseStaged(session, release, version)
  const { artifacts } = await findPointers(repo)
  const same = artifacts.filter((one) => one.pointer.oid === pointer.oid && one.pointer.kind === pointer.kind)
  const named = `${model}@v${version}`
  const about = { model, version, path, tag }
  const present = same.filter((one) => !isArchived(one))
  const away: (Archived & { artifact: Artifact })[] = []
  for (const artifact of same.filter(isArchived))
    away.push({ artifact, ...(await readArchived(artifact.pointerText, artifact.pointerPath)) })
  const done = away.find((one) => one.release === named)
  const stem = posix.basename(releaseStem(model, version))
  const from =
    done === undefined
      ? (present.find((one) => posix.basename(one.path, posix.extname(one.path)) === stem) ??
        present.find((one) => one.path === path))
      : // A run that was cut short has left it.
        present.find((one) => one.path === done.from)
  if (from !== undefined) return { ...(await moveOf(session, from, archivedPath(from.path), named)), release: about }
  const there = done ?? away.find((one) => one.release === undefined)
  if (there !== undefined) return { ...(await noted(session, there, named)), release: about }
  return await anew()

  async function anew(): Promise<Move> {
    const to = archivedReleasePath(model, version!, path)
    const moved = { ...pointer, path: posix.basename(to) }
    const text = await withArchived(await serializePointer(moved, pointerText), { release: named })
    return { from: undefined, lying: 'missing', to, text, pointer: moved, release: about }
  }
}

/** It lies in the archive already, and only has to say what it is. */
async function noted(
  session: Session,
  { artifact, from }: Archived & { artifact: Artifact },
  release: string,
): Promise<Move> {
  const { path, pointer, pointerText, pointerPath } = artifact
  const text = await withArchived(pointerText, { ...(from !== undefined && { from }), release }, pointerPath)
  return { from: artifact, lying: await assertKept(session, artifact), to: path, text, pointer }
}

async function moveOf(session: Session, from: Artifact, to: string, release?: string): Promise<Move> {
  const lying = await assertKept(session, from)
  const moved = await serializePointer({ ...from.pointer, path: posix.basename(to) }, from.pointerText)
  const text = await withArchived(moved, { from: from.path, ...(release !== undefined && { release }) })
  return { from, lying, to, text, pointer: await parsePointer(text, { path: pointerPathFor(to) }) }
}

async function refuseStaged({ repo }: Session, { model, name }: NamedRelease, version: string): Promise<void> {
  const ledger = (await openRegistry(repo)).ledger.get(model)
  const stages = [...(ledger === undefined ? [] : stagesOf(ledger))].flatMap(([stage, held]) =>
    held.version === version ? [stage] : [],
  )
  if (stages.length === 0) return
  throw new ArtError('RELEASE_REFUSED', `it holds ${stages.map((stage) => `${model}#${stage}`).join(', ')}`, {
    path: name,
    hint: `Give the stage to another version first: \`art stage ${model}@<version> ${stages[0]}\`, or \`art unstage\`.`,
    details: stages.map((stage) => ({ path: `${model}#${stage}`, message: `is ${model}@v${version}` })),
  })
}

function twice(path: string): ArtError {
  const hint = 'Archive one of them, and rename the other with `art mv`.'
  return new ArtError('NAME_COLLISION', 'two of them would have this place', { path, hint })
}
