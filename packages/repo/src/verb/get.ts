import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError, toHex } from '@art/core'
import { hashFile } from '@art/core/hash/hash-file.ts'
import { hashDirectory } from '@art/core/scan/store-directory.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { loadConfig } from '../config/config.ts'
import { bring } from '../get/bring.ts'
import type { RemoteContext } from '../exchange/open-store.ts'
import { type GetTarget, withTarget } from '../get/find.ts'
import { type Output, outputOf, publish, withScratch, wouldOverwrite } from '../get/output.ts'
import { withContent } from '../get/find-content.ts'
import { remoteSource } from '../get/remote-source.ts'
import { getSource, shownAddress } from '../get/source.ts'
import { findRoot, openRepo, realFolder, type Repo } from '../open.ts'
import type { GetOptions, GetResult } from '../get-api.ts'
import { type Session, withSession } from '../workspace/session.ts'

/**
 * Brings one artifact, a part of a tracked directory, or a release out of another repository: an address that git knows, or a folder; or a content out of a
 * remote, by its oid or its pointer. Of git only names and pointers are read, and no clone is left; of data only what was named. In a repository its cache is
 * used. Fails with `WOULD_OVERWRITE` where something else is there, with `MISSING_OBJECTS` where the remote lacks it, and as finding it does.
 */
export async function get(from: string, name: string, options: GetOptions): Promise<GetResult> {
  const { environment = process.env, signal, onEvent, rev, remote, jobs, endpoint, region, profile } = options
  const cwd = realFolder(options.cwd)
  const own = findRoot(cwd) === undefined ? undefined : await openRepo({ cwd, environment })
  const place = own ?? { config: await loadConfig({ cwd, environment }), localIsOwn: false, environment }
  const origin = remoteSource(from, cwd, place, { endpoint, region, profile })
  const into = (scratch: string): Repo => own ?? scratchRepo(scratch, cwd, place)
  const work = (target: GetTarget): Promise<GetResult> =>
    write(target, { ...options, cwd, source: shownAddress(from), keeps: own !== undefined }, into)
  if (origin === undefined) {
    const source = getSource(from, cwd, environment)
    return await withTarget(source, name, { environment, rev, signal, onEvent }, work)
  }
  refuseOfRepository({ rev, remote }, from)
  return await withContent(origin, name, { cwd, jobs, signal, onEvent }, work)
}

function refuseOfRepository(flags: Record<string, string | undefined>, from: string): void {
  const flag = Object.keys(flags).find((key) => flags[key] !== undefined)
  if (flag === undefined) return
  throw new ArtError('USAGE', `--${flag} is of a repository, and this is a remote`, {
    path: from,
    hint: 'Name the git repository, or leave the flag out.',
  })
}

/** `into`: the repository whose cache takes what comes, given a folder where one may be made; `keeps`: it stays there. */
async function write(
  target: GetTarget,
  options: GetOptions & { source: string; keeps: boolean },
  into: (scratch: string) => Repo,
): Promise<GetResult> {
  const { path, inside } = target
  const { cwd, source, keeps, force, remote, jobs, signal, onEvent } = options
  const output = outputOf(cwd, inside ?? path, options.output)
  return await withScratch(output, async (scratch) => {
    return await withSession(into(scratch), options, async (session) => {
      if (output.present !== 'nothing') {
        const same = await sameAs(session, target, output)
        if (same !== undefined)
          return { ...aboutOf(target, same, source, output), state: 'unchanged', from: 'here', bytes: NOTHING }
        if (force !== true) throw wouldOverwrite(output.typed)
      }
      const brought = await bring(session, target, scratch, { signal, onEvent, remote, jobs, keeps })
      publish(brought.path, output, scratch, force === true)
      const { new: fresh, transferred } = brought.bytes
      return {
        ...aboutOf(target, brought.pointer, source, output),
        state: 'written',
        from: brought.from,
        ...(brought.remote === undefined ? {} : { remote: brought.remote }),
        bytes: { new: fresh, transferred },
      }
    })
  })
}

const NOTHING = { new: 0, transferred: 0 }

function aboutOf(
  { path, inside, commit, release }: GetTarget,
  { oid, kind, size, files }: Pointer,
  source: string,
  { typed }: Output,
): Omit<GetResult, 'state' | 'from' | 'bytes'> {
  return {
    source,
    artifact: path,
    ...(inside === undefined ? {} : { inside }),
    path: typed,
    kind: kind === 'd' ? 'directory' : 'file',
    oid,
    size,
    ...(files === undefined ? {} : { files }),
    ...(commit === undefined ? {} : { commit }),
    ...(release === undefined ? {} : { release }),
  }
}

/** The pointer of what is there already, if that is it. Of a part of a directory nothing tells without its tree. */
async function sameAs(
  session: Session,
  { pointer, inside }: GetTarget,
  { absolute, present }: Output,
): Promise<Pointer | undefined> {
  const { kind, oid } = pointer
  if (inside !== undefined) return undefined
  if (present === 'file')
    return kind === 'f' && lstatSync(absolute).size === pointer.size && toHex(hashFile(absolute)) === oid
      ? pointer
      : undefined
  if (present !== 'folder' || kind !== 'd') return undefined
  const { cache, trustedBefore } = session
  const pool = await session.pool({ files: pointer.files ?? 0, bytes: pointer.size })
  const options = { cache, pool, known: undefined, trustedBefore, ignores: () => false }
  try {
    const found = await hashDirectory(absolute, options)
    return toHex(found.oid) === oid ? { ...pointer, files: found.files, size: found.size } : undefined
  } catch {
    return undefined
  }
}

/** Outside of a repository: a cache that is gone with the scratch folder. */
function scratchRepo(scratch: string, cwd: string, place: RemoteContext): Repo {
  const artDir = join(scratch, '.art')
  return {
    ...place,
    root: scratch,
    artDir,
    cacheDir: join(artDir, 'cache'),
    tmpDir: join(artDir, 'tmp'),
    indexDir: join(artDir, 'index'),
    cwd,
    prefix: '',
    repoId: '0'.repeat(32),
  }
}
