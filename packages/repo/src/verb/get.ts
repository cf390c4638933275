import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@art/core'
import { hashFile } from '@art/core/hash/hash-file.ts'
import { hashDirectory } from '@art/core/scan/store-directory.ts'
import { loadConfig } from '../config/config.ts'
import { bring } from '../get/bring.ts'
import { type GetTarget, withTarget } from '../get/find.ts'
import { type Output, outputOf, publish, withScratch, wouldOverwrite } from '../get/output.ts'
import { getSource } from '../get/source.ts'
import { findRoot, openRepo, realFolder, type Repo } from '../open.ts'
import type { GetOptions, GetResult } from '../get-api.ts'
import { type Session, withSession } from '../workspace/session.ts'

/**
 * Brings one artifact, a part of a tracked directory, or a release out of another repository: an address that git knows, or a folder. Of git only names
 * and pointers are read, and no clone is left; of data only what was named. In a repository its cache is used. Fails with `WOULD_OVERWRITE` where
 * something else is there, with `MISSING_OBJECTS` where the remote lacks it, and as finding it does.
 */
export async function get(from: string, name: string, options: GetOptions): Promise<GetResult> {
  const { environment = process.env, signal, onEvent, rev } = options
  const cwd = realFolder(options.cwd)
  const source = getSource(from, cwd, environment)
  return await withTarget(source, name, { environment, rev, signal, onEvent }, async (target) => {
    const { path, inside } = target
    const output = outputOf(cwd, inside ?? path, options.output)
    return await withScratch(output, async (scratch) => {
      const own = findRoot(cwd) === undefined ? undefined : await openRepo({ cwd, environment })
      const repo = own ?? (await scratchRepo(scratch, cwd, environment))
      return await withSession(repo, options, async (session) => {
        const about = aboutOf(target, from, output)
        if (output.present !== 'nothing') {
          if (await isSame(session, target, output))
            return { ...about, state: 'unchanged', from: 'here', bytes: NOTHING }
          if (options.force !== true) throw wouldOverwrite(output.typed)
        }
        const { remote, jobs } = options
        const brought = await bring(session, target, scratch, {
          signal,
          onEvent,
          remote,
          jobs,
          keeps: own !== undefined,
        })
        publish(brought.path, output, scratch, options.force === true)
        const { new: fresh, transferred } = brought.bytes
        return {
          ...about,
          state: 'written',
          from: brought.from,
          ...(brought.remote === undefined ? {} : { remote: brought.remote }),
          bytes: { new: fresh, transferred },
        }
      })
    })
  })
}

const NOTHING = { new: 0, transferred: 0 }

function aboutOf(
  { path, inside, pointer, commit, release }: GetTarget,
  source: string,
  { typed }: Output,
): Omit<GetResult, 'state' | 'from' | 'bytes'> {
  const { oid, kind, size, files } = pointer
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

/** Of a part of a directory nothing tells without its tree. */
async function isSame(
  session: Session,
  { pointer, inside }: GetTarget,
  { absolute, present }: Output,
): Promise<boolean> {
  if (inside !== undefined) return false
  if (present === 'file')
    return (
      pointer.kind === 'f' && lstatSync(absolute).size === pointer.size && toHex(hashFile(absolute)) === pointer.oid
    )
  if (present !== 'folder' || pointer.kind !== 'd') return false
  const { files = 0, size } = pointer
  const { cache, trustedBefore } = session
  const pool = await session.pool({ files, bytes: size })
  try {
    return (
      toHex(
        (await hashDirectory(absolute, { cache, pool, known: undefined, trustedBefore, ignores: () => false })).oid,
      ) === pointer.oid
    )
  } catch {
    return false
  }
}

/** Outside of a repository: a cache that is gone with the scratch folder. */
async function scratchRepo(scratch: string, cwd: string, environment: NodeJS.ProcessEnv): Promise<Repo> {
  const artDir = join(scratch, '.art')
  const config = await loadConfig({ cwd, environment })
  return {
    root: scratch,
    artDir,
    cacheDir: join(artDir, 'cache'),
    tmpDir: join(artDir, 'tmp'),
    indexDir: join(artDir, 'index'),
    cwd,
    prefix: '',
    repoId: '0'.repeat(32),
    config,
    localIsOwn: false,
    environment,
  }
}
