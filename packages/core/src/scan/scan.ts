import { readdirSync, type Dirent, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError, fromSystemError } from '../error.ts'
import type { CallOptions } from '../event.ts'
import type { StoredSection } from '../index/dir-index.ts'
import { flag, Records } from '../index/record.ts'
import { childPath, type Section } from '../index/section.ts'
import type { KnownIndex } from '../index/store.ts'
import { sha256 } from '../oid.ts'
import { compareNames, isDotGit, sortNames } from '../tree/names.ts'
import type { Pool } from '../worker/pool.ts'
import { fromWire } from '../worker/wire.ts'
import type { SliceOutput } from './slice.ts'

const SLICE = 1024

export interface ScanOptions extends CallOptions {
  pool: Pool
  /** Of the session that every worker of the pool has begun. */
  session: string
  known?: KnownIndex | undefined
  trustedBefore: number
  hashNew?: boolean
  dereference?: boolean
  /** What `.artignore` files leave out; paths relative to the directory. */
  ignores?: ((path: string, isFolder: boolean) => boolean) | undefined
}

export interface ScannedSection extends Section {
  /** Nothing in this folder itself differs from the index. */
  same: boolean
}

export interface Scan {
  /** Every folder, each before those below it. */
  sections: ScannedSection[]
  read: number
  uncached: number
  failures: ArtError[]
  /** Every folder is as the index has it, and the index has no other. */
  same: boolean
}

/** Reads a directory against its index. Folders are listed here; their files are looked at by the workers. */
export async function scanDirectory(directory: string, options: ScanOptions): Promise<Scan> {
  const scan: Scan = { sections: [], read: 0, uncached: 0, failures: [], same: true }
  const stored = new Map(options.known?.decoded.sections.map((section) => [section.path, section]))
  const budget = new Budget(options.pool.size * 6)
  const pending: Promise<void>[] = []
  const above = new Set<string>()
  let stopped: { reason: unknown } | undefined
  const visit = async (path: string): Promise<void> => {
    options.signal?.throwIfAborted()
    if (stopped !== undefined) throw stopped.reason
    const folder = list(directory, path, options, above)
    const place = scan.sections.length
    scan.sections.push(undefined as unknown as ScannedSection)
    const known = stored.get(path)
    const slices: Promise<SliceOutput>[] = []
    for (let at = 0; at < folder.names.length; at += SLICE) {
      await budget.take()
      const slice = options.pool.run('scanSlice', {
        session: options.session,
        folder: `${join(directory, path)}/`,
        path,
        names: folder.names.slice(at, at + SLICE),
        odd: folder.odd,
        known: known && {
          buffer: options.known!.buffer,
          at: known.at,
          id: options.known!.id,
          seed: options.known!.decoded.seed ?? 0n,
        },
        trustedBefore: options.trustedBefore,
        hashNew: options.hashNew ?? false,
        dereference: options.dereference ?? false,
      })
      slices.push(slice.finally(() => budget.give()))
    }
    const assembled = Promise.all(slices).then((outputs) => {
      for (const output of outputs) tally(scan, output, options)
      const section = assemble(path, folder, outputs, known)
      if (!section.same) scan.same = false
      scan.sections[place] = section
    })
    assembled.catch((reason: unknown) => {
      stopped ??= { reason }
    })
    pending.push(assembled)
    for (const child of folder.folders) {
      const real = options.dereference ? realpathSync(join(directory, path, child)) : undefined
      if (real !== undefined) above.add(real)
      await visit(childPath(path, child))
      if (real !== undefined) above.delete(real)
    }
  }
  if (options.dereference) above.add(realpathSync(directory))
  try {
    await visit('')
  } finally {
    await Promise.allSettled(pending)
  }
  await Promise.all(pending)
  if (scan.sections.length !== stored.size) scan.same = false
  return scan
}

/** Keeps the queue before the workers short, and with it the memory. */
class Budget {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#free = size
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}

function tally(scan: Scan, output: SliceOutput, { onEvent }: CallOptions): void {
  scan.read += output.read
  scan.uncached += output.uncached
  for (const { error } of output.failures) scan.failures.push(fromSystemError(fromWire(error)))
  if (output.read > 0) onEvent?.({ type: 'progress', phase: 'add', files: output.read, bytes: output.bytes })
}

interface Listing {
  /** Files and links. */
  names: string[]
  /** Those of them that are no files. */
  odd: Set<string>
  folders: string[]
}

function list(directory: string, path: string, options: ScanOptions, above: Set<string>): Listing {
  const absolute = join(directory, path)
  let entries: Dirent[]
  try {
    entries = readdirSync(absolute, { withFileTypes: true })
  } catch (error) {
    throw fromSystemError(error, absolute)
  }
  const names: string[] = []
  const folders: string[] = []
  const odd = new Set<string>()
  if (entries.some(({ name }) => name.includes('\ufffd'))) refuseBrokenNames(absolute)
  for (const entry of entries) {
    const { name } = entry
    const isFolder = entry.isDirectory() || (options.dereference === true && leadsToFolder(absolute, entry))
    if (options.ignores?.(childPath(path, name), isFolder)) continue
    if (isDotGit(name)) throw nestedGit(join(absolute, name))
    if (isFolder && options.dereference && above.has(realpathSync(join(absolute, name))))
      throw linkLoop(join(absolute, name))
    ;(isFolder ? folders : names).push(name)
    if (!isFolder && !entry.isFile()) odd.add(name)
  }
  return { names: sortNames(names), odd, folders: sortNames(folders) }
}

function leadsToFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return false
  const path = join(folder, entry.name)
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? linkLoop(path) : fromSystemError(error, path)
  }
}

/** A name may really hold U+FFFD; only bytes that are no UTF-8 are refused. */
function refuseBrokenNames(folder: string): void {
  const raw = readdirSync(folder, { encoding: 'buffer' })
  const broken = raw.find((bytes) => !Buffer.from(bytes.toString('utf8')).equals(bytes))
  if (broken === undefined) return
  throw new ArtError('NAME_NOT_UTF8', 'the name is not valid UTF-8', {
    path: join(folder, broken.toString()),
    hint: 'Rename the file, or name its folder in .artignore.',
  })
}

function nestedGit(path: string): ArtError {
  return new ArtError('PATH_UNSAFE', "git's own folder, or what could be taken for it, lies inside the directory", {
    path,
    hint: 'Name it in a .artignore file in the directory to leave it out.',
  })
}

function linkLoop(path: string): ArtError {
  return new ArtError('SYMLINK', 'the symbolic link leads back to itself or to a folder above it', {
    path,
    hint: 'Remove the link, or name it in .artignore.',
  })
}

function assemble(
  path: string,
  folder: Listing,
  slices: SliceOutput[],
  known: StoredSection | undefined,
): ScannedSection {
  const count = folder.names.length + folder.folders.length
  if (known !== undefined && known.records.count === count && slices.every((slice) => slice.records === undefined)) {
    if (hasFolders(known, folder.folders))
      return { path, names: known.names, records: known.records, tree: known.tree, same: true }
  }
  const records = Records.allocate(count)
  const names: string[] = []
  const files = sliceRecords(folder.names, slices, known)
  let file = 0
  let child = 0
  while (names.length < count) {
    const name = folder.names[file]
    const below = folder.folders[child]
    if (below === undefined || (name !== undefined && compareNames(name, below) < 0)) {
      const [from, i] = files(file++)
      records.copyFrom(names.length, from, i)
      names.push(name!)
    } else {
      const bytes = Buffer.from(below)
      records.setFlags(names.length, flag.folder)
      records.setNameLength(names.length, bytes.length)
      records.setNameHash(names.length, sha256(bytes).readUInt32BE(0))
      names.push(below)
      child++
    }
  }
  return { path, names, records, same: false }
}

function hasFolders(known: StoredSection, folders: string[]): boolean {
  if (folders.length === 0) return true
  let found = 0
  for (let i = 0; i < known.records.count; i++) {
    if ((known.records.flags(i) & flag.kindMask) !== flag.folder) continue
    if (known.names[i] !== folders[found++]) return false
  }
  return found === folders.length
}

/** Finds the record of the n-th file: in its slice's own answer, or in the index where the slice had nothing to say. */
function sliceRecords(
  names: string[],
  slices: SliceOutput[],
  known: StoredSection | undefined,
): (file: number) => [Records, number] {
  const answers = slices.map((slice, i) =>
    slice.records === undefined ? undefined : new Records(slice.records, 0, Math.min(SLICE, names.length - i * SLICE)),
  )
  let base = 0
  return (file) => {
    const answer = answers[Math.floor(file / SLICE)]
    if (answer !== undefined) return [answer, file % SLICE]
    while (known!.names[base] !== names[file]) base++
    return [known!.records, base]
  }
}
