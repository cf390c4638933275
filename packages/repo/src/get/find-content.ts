import { lstatSync } from 'node:fs'
import { basename, dirname, posix, resolve } from 'node:path'
import { ArtError, type CallOptions, isArtError } from '@art/core'
import { isPointerPath } from '@art/core/pointer/name.ts'
import { adviceFor } from '@art/remote/layout/damage.ts'
import { openRemote } from '@art/remote/layout/descriptor.ts'
import { toldContents } from '@art/remote/transfer/contents.ts'
import { withOpened } from '../exchange/open-store.ts'
import { readArtifact } from '../target/find.ts'
import type { GetOrigin, GetTarget } from './find.ts'

interface Asked extends CallOptions {
  cwd: string
  jobs?: number | undefined
}

/**
 * Runs `work` with a content of a remote: of an oid, as a pointer writes it, also a path in the directory that it is; or of a pointer file. What the
 * remote tells of an oid is tried, one after the other, until its bytes are those. Fails with `USAGE` for any other name, with `MISSING_OBJECTS` where
 * the remote lacks it, and as reading a pointer and the remote do.
 */
export async function withContent<T>(
  origin: GetOrigin,
  name: string,
  asked: Asked,
  work: (target: GetTarget) => Promise<T>,
): Promise<T> {
  const absolute = resolve(asked.cwd, name)
  if (isPointerPath(name) && lstatSync(absolute, { throwIfNoEntry: false }) !== undefined) {
    const { path, pointer } = await readArtifact({ root: dirname(absolute) }, basename(absolute))
    return await work({ ...origin, path, pointer })
  }
  const [, oid, inside] = /^(?:sha256:)?([0-9a-f]{64})(?:\/(.+))?$/s.exec(name) ?? []
  if (oid === undefined) throw noOid(name)
  const targets = await targetsOf(origin, oid, inside === undefined ? undefined : insideOf(inside), asked)
  for (const target of targets.slice(0, -1)) {
    try {
      return await work(target)
    } catch (error) {
      if (!isArtError(error, 'MISSING_OBJECTS')) throw error
    }
  }
  return await work(targets.at(-1)!)
}

async function targetsOf(
  origin: GetOrigin,
  oid: string,
  inside: string | undefined,
  { jobs, signal, onEvent }: Asked,
): Promise<GetTarget[]> {
  return await withOpened(await origin.open({ jobs }), async ({ store }) => {
    await openRemote(store, 'read', { signal, onEvent })
    const { contents, unreadable } = await toldContents(store, oid, { signal, onEvent })
    const some = inside === undefined ? contents : contents.filter(({ kind }) => kind === 'd')
    if (some.length > 0)
      return some.map(({ kind, size }) => ({
        ...origin,
        path: oid,
        pointer: { path: oid, oid, kind, size },
        ...(inside !== undefined && { inside }),
      }))
    if (contents.length > 0)
      throw new ArtError('NOT_FOUND', 'this is a file, and holds nothing', { path: oid, hint: 'Name the oid alone.' })
    throw new ArtError('MISSING_OBJECTS', unreadable?.message ?? 'not on the remote', {
      path: oid,
      hint:
        unreadable === undefined
          ? 'Check that this remote is the one that it was pushed to; `art remote list` in its repository tells.'
          : adviceFor(unreadable.message),
    })
  })
}

/** Fails with `PATH_OUTSIDE`. */
function insideOf(path: string): string {
  const clean = posix.normalize(path).replace(/\/+$/, '')
  if (!/^(?:\.{0,2}|\.\.\/.*|\/.*)$/s.test(clean) && !clean.includes('\0')) return clean
  throw new ArtError('PATH_OUTSIDE', 'the path leads out of the directory', { path, hint: 'Name something in it.' })
}

/** Whoever can write to a remote could choose what a part of an oid stands for, so it must be whole. */
function noOid(name: string): ArtError {
  const isPart = /^(?:sha256:)?[0-9a-f]{7,}$/i.test(name)
  return new ArtError(
    'USAGE',
    isPart ? 'this is no whole oid' : 'a remote holds contents by their oids, and knows no paths and no releases',
    {
      path: name,
      hint: isPart
        ? 'Give all 64 digits, as the line `oid:` of its pointer has them, or the pointer file.'
        : 'Give the oid that its pointer says, or the pointer file; or name the git repository instead of the remote.',
    },
  )
}
