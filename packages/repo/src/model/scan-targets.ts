import { statSync } from 'node:fs'
import { join, posix, resolve, sep } from 'node:path'
import { isInside } from '@art/core/index/section.ts'
import { ArtError, isArtError } from '@art/core'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { Failure } from '../api.ts'
import { failureOf } from '../target/find.ts'
import { isGlob } from '../target/glob.ts'
import { typedPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import { withoutArchived } from '../workspace/out-of-the-way.ts'
import type { Session } from '../workspace/session.ts'
import { type Content, localContent } from './content.ts'
import { findBytes, findModel, type Model, trackedModel } from './find.ts'
import { filesBelow, membersOf, notHere } from './members.ts'
import { remoteMemberContent } from './remote-folder-content.ts'
import type { RemoteContents } from './remote.ts'

/** One file to look at. */
export interface ScanTarget {
  path: string
  /** By the user; others only lie in a folder that was. */
  named: boolean
  open(): Promise<Content>
}

export interface ScanPlace {
  /** Undefined outside a repository: then files and folders can be named. */
  session: Session | undefined
  /** Asked for what is not on this machine. */
  remote: RemoteContents | undefined
  cwd: string
  /** What could not be looked at while the rest is. */
  failed: Failure[]
}

/**
 * The files behind a name: a file or a folder as it lies there; what a pointer names; data that is not here but whose pointer is; `rev:path`; a
 * glob over artifacts; a part of a tracked directory. Fails as `findModel` does.
 */
export async function* scanTargets(place: ScanPlace, name: string): AsyncGenerator<ScanTarget> {
  const { session, cwd } = place
  const absolute = resolve(cwd, name)
  const stat = statSync(absolute, { throwIfNoEntry: false })
  if (stat?.isDirectory()) yield* inFolder(place, absolute, name)
  else if (session !== undefined && stat === undefined && (isGlob(name) || (await isPart(session, name))))
    yield* matching(place, session, name)
  else yield* inModel(place, await findBytes(session, cwd, name), dataName(session, name))
}

async function* inFolder(place: ScanPlace, folder: string, name: string): AsyncGenerator<ScanTarget> {
  const { session } = place
  const { files, failed } = filesBelow(folder)
  place.failed.push(...failed.map((failure) => ({ ...failure, path: posix.join(name, failure.path) })))
  for (const { path, pointer } of files) {
    const shown = posix.join(name.split(sep).join('/'), path)
    if (pointer === undefined) yield { path: shown, named: false, open: () => localContent(join(folder, path)) }
    else if (session !== undefined) {
      try {
        yield* inModel(place, await findModel(session, folder, join(folder, pointer)), shown)
      } catch (error) {
        place.failed.push(failureOf(error, shown))
      }
    }
  }
}

/** Names of all artifacts but archived ones. Fails with `USAGE` outside of a repository. */
export async function allTargets({ session, failed }: ScanPlace): Promise<string[]> {
  if (session === undefined)
    throw new ArtError('USAGE', 'nothing was named', { hint: 'Name a file or a folder: there is no repository here.' })
  const { repo } = session
  const all = await resolveTargets(repo, [])
  failed.push(...all.failed)
  return withoutArchived(repo, [], all.targets).map(({ artifact }) => typedPath(repo, artifact.path))
}

/** Is it the path of something within a tracked directory? */
async function isPart(session: Session, name: string): Promise<boolean> {
  const { targets } = await resolveTargets(session.repo, [name])
  return targets.some(({ inside }) => inside !== undefined)
}

/** Artifacts, and parts of tracked directories that are not in the workspace. */
async function* matching(place: ScanPlace, session: Session, name: string): AsyncGenerator<ScanTarget> {
  const { targets, failed } = await resolveTargets(session.repo, [name])
  place.failed.push(...failed)
  for (const { artifact, inside } of targets) {
    const path = typedPath(session.repo, artifact.path)
    if (inside === undefined) yield* scanTargets(place, path)
    else yield* inModel(place, trackedModel(session, artifact), path, inside)
  }
}

async function* inModel(place: ScanPlace, model: Model, path: string, inside?: string): AsyncGenerator<ScanTarget> {
  const { session } = place
  const { pointer } = model
  const bring = model.rev === undefined && model.release === undefined ? undefined : model.bring
  if (session === undefined || pointer?.kind !== 'd') {
    yield { path, named: true, open: async () => (await model.open(place.remote)) ?? missing(path, bring) }
    return
  }
  const part = { model, pointer, path, inside, bring }
  const lacking = new Set<string>()
  let count = 0
  try {
    for (const member of membersOf(session, pointer, path)) {
      if (!isInside(member.path, inside)) continue
      count++
      const content = await member.open()
      if (content === undefined) lacking.add(member.path)
      else yield { path: `${path}/${member.path}`, named: member.path === inside, open: async () => content }
    }
  } catch (error) {
    if (!isArtError(error, 'NOT_CACHED') || place.remote === undefined) throw error
    yield* fromRemote(place, part)
    return
  }
  if (lacking.size > 0) yield* fromRemote(place, part, { lacking, count })
  if (count === 0) refuseNothing(place, part)
}

/** Whoever named a part of a directory must hear that nothing of it was looked at. */
function refuseNothing({ failed }: ScanPlace, { path, inside }: Part): void {
  if (inside === undefined) return
  const message = 'the directory has nothing of this name'
  failed.push({ path: `${path}/${inside}`, code: 'NOT_FOUND', message, hint: 'Check the name.' })
}

/** So many files of a directory are looked at over a network, one after the other. */
const FAR_MAX = 1000

interface Part {
  model: Model
  pointer: Pointer
  path: string
  inside: string | undefined
  bring: string | undefined
}

/** The files of a directory, or those that this machine lacks, by ranges of a remote. Without one, or where they are too many, they are named as lacking. */
async function* fromRemote(
  place: ScanPlace,
  part: Part,
  here?: { lacking: ReadonlySet<string>; count: number },
): AsyncGenerator<ScanTarget> {
  const { model, pointer, path, inside, bring } = part
  const isFew = (here?.lacking.size ?? 0) <= FAR_MAX
  const far = isFew ? await place.remote?.openFolder(pointer, { path: model.path ?? path, name: path }) : undefined
  try {
    const wanted = here?.lacking ?? new Set([...(far?.members.keys() ?? [])].filter((one) => isInside(one, inside)))
    if (far !== undefined && wanted.size <= FAR_MAX) {
      if (wanted.size === 0) refuseNothing(place, part)
      for (const member of wanted) {
        const shown = `${path}/${member}`
        const open = async (): Promise<Content> => remoteMemberContent(far, member, path) ?? missing(shown, bring)
        yield { path: shown, named: member === inside, open }
      }
      return
    }
    const { code, message, hint } = notHere(path, { bring })
    const some = `${wanted.size} of its ${here?.count ?? wanted.size} files are not on this machine`
    place.failed.push({ path, code, message: wanted.size > 0 ? some : message, ...(hint && { hint }) })
  } finally {
    await far?.stream.close()
  }
}

/** Of a pointer, the name of what it stands for. */
function dataName(session: Session | undefined, name: string): string {
  return session !== undefined && isPointerPath(name) ? dataPathFor(name) : name
}

function missing(path: string, bring?: string): never {
  throw notHere(path, { bring })
}
