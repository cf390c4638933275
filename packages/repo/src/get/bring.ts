import { chmodSync, existsSync, renameSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { type CallOptions, fromHex, ArtError } from '@art/core'
import { Cache } from '@art/core/cache/cache.ts'
import { LARGE_FILE, objectPath } from '@art/core/cache/layout.ts'
import { checkoutDirectory } from '@art/core/checkout/directory.ts'
import { checkoutFile } from '@art/core/checkout/file.ts'
import { indexFromTree } from '@art/core/index/from-tree.ts'
import { Linker } from '@art/core/link/link.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { Progress } from '@art/core/progress.ts'
import { adviceFor } from '@art/remote/layout/damage.ts'
import { fetch, type FetchReport } from '@art/remote/transfer/fetch.ts'
import { missingInCache } from '@art/remote/transfer/missing.ts'
import { withOpened } from '../exchange/open-store.ts'
import { relativesOf } from '../exchange/relatives.ts'
import { callOptions } from '../exchange/transfer.ts'
import type { Session } from '../workspace/session.ts'
import type { GetTarget } from './find.ts'
import { refuseLinksOut } from './output.ts'

export interface BringOptions extends CallOptions {
  remote?: string | undefined
  jobs?: number | undefined
  /** The session is of the user's repository, whose cache keeps what comes. */
  keeps: boolean
}

export interface Brought {
  /** The complete file or folder, in the scratch folder. */
  path: string
  /** With the size of it. */
  pointer: Pointer
  from: 'cache' | 'remote'
  /** Of the remote that was asked. */
  remote?: string
  bytes: Pick<FetchReport, 'new' | 'transferred'>
}

/** Has the content of a target lie in a scratch folder: from a cache of this machine, or from a remote of the other repository. */
export async function bring(
  session: Session,
  target: GetTarget,
  scratch: string,
  options: BringOptions,
): Promise<Brought> {
  const nothing = { new: 0, transferred: 0 }
  for (const cache of [session.cache, ...othersCache(target.cacheDir, session)]) {
    if (missingInCache(wantedOf(target), cache).length > 0) continue
    const pointer = counted(target.pointer, cache)
    const path = await write(session, cache, { ...target, pointer }, scratch, options)
    return { path, pointer, from: 'cache', bytes: nothing }
  }
  const { report, remote } = await fetchTo(session, target, options)
  const pointer = counted(target.pointer, session.cache)
  const path = await write(session, session.cache, { ...target, pointer }, scratch, options)
  return { path, pointer, from: 'remote', remote, bytes: report }
}

/** How much a directory is that only its oid names. */
function counted(pointer: Pointer, cache: Cache): Pointer {
  if (pointer.kind === 'f' || pointer.files !== undefined) return pointer
  const { files, bytes } = indexFromTree(fromHex(pointer.oid), cache.readNode)
  return { ...pointer, files, size: bytes }
}

/** What the other repository has on this machine is read, and nothing is written there. */
function othersCache(folder: string | undefined, session: Session): Cache[] {
  return folder !== undefined && folder !== session.repo.cacheDir && existsSync(join(folder, 'art-cache'))
    ? [new Cache(folder)]
    : []
}

function wantedOf({ pointer, path, inside }: GetTarget): Parameters<typeof missingInCache>[0] {
  const { kind, oid, size, files } = pointer
  return {
    kind,
    oid,
    size,
    path,
    ...(files === undefined ? {} : { files }),
    ...(inside === undefined ? {} : { inside }),
  }
}

async function fetchTo(
  session: Session,
  target: GetTarget,
  options: BringOptions,
): Promise<{ report: FetchReport; remote: string }> {
  return await withOpened(await target.open(options), async ({ store, settings }) => {
    const { size, files = 1 } = target.pointer
    const report = await fetch([wantedOf(target)], {
      ...callOptions(options),
      store,
      cache: session.cache,
      pool: () => session.pool({ files, bytes: size }),
      ...(options.keeps ? { relatives: (one) => relativesOf(session.repo, one) } : {}),
    })
    const [missing] = report.missing
    if (missing === undefined) return { report, remote: settings.name }
    const isKey = /^(?:packs|recipes)\//.test(missing.message)
    throw new ArtError('MISSING_OBJECTS', missing.message, {
      path: missing.path,
      hint: isKey ? adviceFor(missing.message) : 'Whoever has it must push it there.',
      details: report.missing,
    })
  })
}

async function write(
  session: Session,
  cache: Cache,
  target: GetTarget,
  scratch: string,
  options: BringOptions,
): Promise<string> {
  const { pointer, inside } = target
  const complete = join(scratch, 'complete')
  const progress = new Progress('checkout', options)
  progress.expect(pointer.files ?? 1, pointer.size)
  if (pointer.kind === 'f') {
    writeFile(cache, target, scratch, complete, options.keeps || cache !== session.cache)
    progress.done(1, pointer.size)
    return complete
  }
  const { failures } = await checkoutDirectory(complete, fromHex(pointer.oid), {
    ...callOptions(options),
    cache,
    pool: await session.pool({ files: pointer.files ?? 0, bytes: pointer.size }),
    links: ['reflink', 'copy'],
    trustedBefore: session.trustedBefore,
    temporary: join(scratch, 'staging'),
    files: pointer.files,
    inside,
  })
  if (failures[0] !== undefined) throw failures[0]
  if (inside === undefined) return complete
  const part = join(complete, inside)
  if (!existsSync(part))
    throw new ArtError('NOT_FOUND', `${target.path} holds nothing of this name`, {
      path: `${target.path}/${inside}`,
      hint: `Name something in ${target.path}, or ${target.path} itself.`,
    })
  refuseLinksOut(part, inside)
  return part
}

/** Of a cache that is gone in a moment a large file needs no copy: it was verified as it came. */
function writeFile(cache: Cache, { pointer }: GetTarget, scratch: string, complete: string, isKept: boolean): void {
  const { oid, size, executable = false } = pointer
  const linker = new Linker(['reflink', 'copy'])
  if (isKept || size < LARGE_FILE)
    return checkoutFile(complete, { oid, size, executable }, { cache, linker, temporary: join(scratch, 'staging') })
  renameSync(objectPath(cache.layout, oid), complete)
  chmodSync(complete, linker.mode(executable))
  const now = new Date()
  utimesSync(complete, now, now)
}
