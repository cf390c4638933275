import { join } from 'node:path'
import type { DiffArtifact, DiffResult, Failure } from '../api.ts'
import { failureOf } from '../target/find.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { Session } from '../workspace/session.ts'
import { differenceBetween } from './difference.ts'
import { findModel, type Model, pointerModel } from './find.ts'
import type { LookPlace } from './place.ts'
import { modelSettings } from './settings.ts'

/** What `diff` knows of one side of an artifact. */
interface SideVersion {
  pointer: Pointer
  drift?: object
}

/** Compares the tensors of each artifact that is a model on both sides, and returns what could not be compared. */
export async function addDifferences(
  session: Session,
  { from, to, artifacts }: DiffResult,
  { older, newer }: Record<'older' | 'newer', ReadonlyMap<string, SideVersion>>,
): Promise<Failure[]> {
  const { repo, options } = session
  const place: LookPlace = {
    ...options,
    cwd: repo.root,
    session,
    settings: modelSettings(repo.config),
    pool: (bytes) => session.pool({ files: 1, bytes }),
  }
  const failed: Failure[] = []
  for (const artifact of artifacts) {
    const before = older.get(artifact.previousPath ?? artifact.path)
    const after = newer.get(artifact.path)
    if (before === undefined || after === undefined || !mayBeModel(before, after)) continue
    try {
      options.signal?.throwIfAborted()
      const one = pointerModel(session, {
        ...named(from, artifact.previousPath ?? artifact.path),
        pointer: before.pointer,
      })
      artifact.model = await differenceBetween(one, await newerModel(session, artifact, to, after), place)
    } catch (error) {
      options.signal?.throwIfAborted()
      failed.push(failureOf(error, artifact.path))
    }
  }
  return failed
}

/** Data that changed since may have become one. */
function mayBeModel(before: SideVersion, after: SideVersion): boolean {
  return (
    before.pointer.checkpoint !== undefined && (after.pointer.checkpoint !== undefined || after.drift !== undefined)
  )
}

async function newerModel(
  session: Session,
  { path }: DiffArtifact,
  to: string,
  { pointer }: SideVersion,
): Promise<Model> {
  if (to !== 'workspace') return pointerModel(session, { ...named(to, path), pointer })
  return { ...(await findModel(session, session.repo.root, join(session.repo.root, path))), name: path }
}

function named(rev: string, path: string): { name: string; path: string; rev: string } {
  return { name: `${rev}:${path}`, path, rev }
}
