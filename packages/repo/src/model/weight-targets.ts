import { ArtError } from '@art/core'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { Failure } from '../api.ts'
import { filterOf } from '../exchange/wanted.ts'
import { pointersAt } from '../git/history.ts'
import { failureOf } from '../target/find.ts'
import { repoPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import { withoutArchived } from '../workspace/out-of-the-way.ts'
import type { Session } from '../workspace/session.ts'
import { cachedContent, type Content } from './content.ts'
import { type Model, releaseModel, trackedModel } from './find.ts'
import { releasedName } from './released-name.ts'
import type { RemoteContents } from './remote.ts'
import { isModelName } from './save-weights.ts'

export interface WeightTarget {
  /** Of the artifact, from the root. */
  path: string
  pointer: Pointer
  open: Model['open']
  /** It was named, or its pointer says that it is a model; else its name does. */
  isSure: boolean
  /** Of a release: the path that its weights are named after. */
  as?: string
}

export interface WeightTargets {
  targets: WeightTarget[]
  /** Artifacts that are no models, by their paths. */
  skipped: string[]
  failed: Failure[]
}

/**
 * The models among what was named, or of a revision. What is a model is told without its bytes: the pointer says so, or its name does. A file
 * that was named itself always counts.
 */
export async function weightTargets(
  session: Session,
  names: readonly string[],
  rev: string | undefined,
): Promise<WeightTargets> {
  const all = rev === undefined ? await inWorkspace(session, names) : await inRevision(session, names, rev)
  const found: WeightTargets = { targets: [], skipped: [], failed: all.failed }
  const named = new Set(names.flatMap((name) => namedPath(session, name)))
  for (const target of all.targets) {
    const { path, pointer } = target
    const isNamed = named.has(path) || target.as !== undefined
    const isModel = pointer.kind === 'f' && (pointer.checkpoint !== undefined || isModelName(path))
    const isSure = isNamed || pointer.checkpoint !== undefined
    if (isModel || (isNamed && pointer.kind === 'f')) found.targets.push({ ...target, isSure })
    else if (isNamed) found.failed.push(failureOf(isDirectory(path), path))
    else found.skipped.push(path)
  }
  return found
}

/** The data's path from the root; none for a name that is outside, which has failed by then. */
function namedPath({ repo }: Session, name: string): string[] {
  try {
    const path = repoPath(repo, name)
    return [isPointerPath(path) ? dataPathFor(path) : path]
  } catch {
    return []
  }
}

type Candidate = Omit<WeightTarget, 'isSure'>

interface Candidates {
  targets: Candidate[]
  failed: Failure[]
}

async function inWorkspace(session: Session, names: readonly string[]): Promise<Candidates> {
  const { targets: named, failed } = await resolveTargets(session.repo, names, { releases: true })
  const targets = withoutArchived(session.repo, names, named)
  const whole: Candidate[] = []
  for (const { artifact, inside, release } of targets) {
    const { path, pointer } = artifact
    if (release !== undefined) {
      whole.push({ path, pointer, open: releaseModel(session, release).open, as: releasedName(path, release) })
      continue
    }
    if (inside === undefined) whole.push({ path, pointer, open: trackedModel(session, artifact).open })
    else failed.push(failureOf(isDirectory(`${path}/${inside}`), `${path}/${inside}`))
  }
  return { targets: whole, failed }
}

async function inRevision(session: Session, names: readonly string[], rev: string): Promise<Candidates> {
  const wants = filterOf(session.repo, names)
  const found: Candidates = { targets: [], failed: [] }
  for (const { path: pointerPath, text } of await pointersAt(session.repo, rev)) {
    const path = dataPathFor(pointerPath)
    if (!wants(path)) continue
    try {
      const pointer = await parsePointer(text, { path: pointerPath })
      const open = async (remote?: RemoteContents): Promise<Content | undefined> =>
        (await cachedContent(session.cache, { oid: pointer.oid, size: pointer.size, name: path })) ??
        (await remote?.open(pointer, { path, name: path }))
      found.targets.push({ path, pointer, open })
    } catch (error) {
      found.failed.push(failureOf(error, pointerPath))
    }
  }
  if (found.targets.length + found.failed.length === 0 && names.length > 0) {
    for (const name of names) found.failed.push(failureOf(notThere(rev, name), name))
  }
  return found
}

function isDirectory(path: string): ArtError {
  return new ArtError('UNSUPPORTED', 'weights alone are brought of files, and this is in a directory, or is one', {
    path,
    hint: `Run \`art pull ${path}\`.`,
  })
}

function notThere(rev: string, path: string): ArtError {
  return new ArtError('NOT_TRACKED', `${rev} has no such artifact`, {
    path,
    hint: 'Check the path: it is taken from the current folder.',
  })
}
