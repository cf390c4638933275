import { closeSync, fstatSync, lstatSync, openSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { type CacheLayout, LARGE_FILE } from '../cache/layout.ts'
import { PackReader } from '../cache/pack-reader.ts'
import { PackSet, type PackSetState } from '../cache/pack-set.ts'
import { ArtError } from '../error.ts'
import { failureAt } from '../fs/refusal.ts'
import { writeWholeSync } from '../fs/whole.ts'
import { flag, Records } from '../index/record.ts'
import { Linker, type LinkType } from '../link/link.ts'
import { toHex } from '../oid.ts'
import { staysInside } from '../scan/symlink.ts'
import { toWire, type WireError } from '../worker/wire.ts'
import { placeObject } from './object.ts'
import { inTheWay, nameCollision } from './refusal.ts'
import { stagingFolder, stagingPath } from './staging.ts'

export interface CheckoutSession {
  session: string
  layout: CacheLayout
  packs: PackSetState
  links: readonly LinkType[]
  /** For what is not complete yet. */
  temporary: string
}

export interface CheckoutSliceInput {
  session: string
  /** Absolute, `/` at its end; exists. */
  folder: string
  /** Where the user sees it, or will. */
  shown: string
  /** Relative to the tracked directory. */
  path: string
  names: string[]
  /** Their records, without stat. */
  records: ArrayBuffer
  /**
   * 1 where something stands there now and is to be replaced; a name that is there all the same is refused as a collision. Absent where
   * the folder is new and nobody sees it yet.
   */
  replaces?: Uint8Array | undefined
}

export interface CheckoutSliceOutput {
  /** The records with the stat of what was written. */
  records: ArrayBuffer
  written: number
  bytes: number
  failures: { name: string; error: WireError }[]
  /** Link types that this file system refused. */
  refused: LinkType[]
  transfer: ArrayBuffer[]
}

interface Open extends Pick<CheckoutSession, 'layout' | 'temporary'> {
  packs: PackSet
  reader: PackReader
  linker: Linker
}

const sessions = new Map<string, Open>()

export function beginCheckout({ session, layout, packs, links, temporary }: CheckoutSession): void {
  const set = new PackSet(packs)
  const linker = new Linker(links)
  sessions.set(session, { packs: set, reader: new PackReader(set), linker, layout, temporary })
}

export function endCheckout({ session }: { session: string }): void {
  sessions.get(session)?.packs.close()
  sessions.delete(session)
}

/**
 * Writes some files and links of one folder from the cache; content that does not match its oid never gets there. What fails is
 * told by name, but a full disk ends it all.
 */
export function checkoutSlice(input: CheckoutSliceInput): CheckoutSliceOutput {
  const open = sessions.get(input.session)!
  const records = new Records(input.records, 0, input.names.length)
  const { buffer } = records.bytes
  const output: CheckoutSliceOutput = {
    records: buffer as ArrayBuffer,
    written: 0,
    bytes: 0,
    failures: [],
    refused: [],
    transfer: [buffer as ArrayBuffer],
  }
  const staging = input.replaces && stagingFolder(input.folder, open.temporary)
  for (let i = 0; i < input.names.length; i++) {
    const name = input.names[i]!
    const target = input.folder + name
    try {
      if (staging === undefined) place(open, input, records, i, target)
      else placeAtOnce(open, input, records, i, staging)
      output.written++
      output.bytes += records.size(i)
    } catch (error) {
      const failure = describe(error, input.shown + name)
      if (failure.code === 'DISK_FULL') throw failure
      records.setFlags(i, records.flags(i) & ~flag.stat)
      output.failures.push({ name, error: toWire(failure) })
    }
  }
  output.refused = [...open.linker.refused]
  return output
}

const HIDDEN = 'a folder with ignored files'

function describe(error: unknown, target: string): ArtError {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EEXIST') return nameCollision(target, error)
  if (code === 'EISDIR' || code === 'ENOTEMPTY') return inTheWay(target, HIDDEN, error)
  const failure = failureAt(target, error)
  if (failure.code !== 'CORRUPT' || failure.path === target) return failure
  // What a user asked for is the file; the pack or object of the cache is where to look.
  const { message, path, hint } = failure
  return new ArtError('CORRUPT', `${message} (${path})`, { path: target, hint, cause: failure })
}

/** So that whoever looks sees the old entry or the new one, whole. */
function placeAtOnce(open: Open, input: CheckoutSliceInput, records: Records, i: number, staging: string): void {
  const target = input.folder + input.names[i]!
  const fresh = stagingPath(staging)
  try {
    place(open, input, records, i, fresh)
    if (input.replaces?.[i] !== 1) refusePresent(target)
    renameSync(fresh, target)
    // Renaming one hard link of an object over another does nothing, and says so to nobody.
    if (records.size(i) >= LARGE_FILE) rmSync(fresh, { force: true })
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
  note(records, i, target)
}

function refusePresent(target: string): void {
  const stat = lstatSync(target, { throwIfNoEntry: false })
  if (stat !== undefined) throw stat.isDirectory() ? inTheWay(target, HIDDEN) : nameCollision(target)
}

/** Makes one entry at `fresh`, which must not exist. */
function place(open: Open, input: CheckoutSliceInput, records: Records, i: number, fresh: string): void {
  const flags = records.flags(i)
  const executable = (flags & flag.executable) !== 0
  const size = records.size(i)
  const oid = records.oid(i)
  if ((flags & flag.kindMask) === flag.symlink) {
    const text = open.reader.read(oid).toString()
    if (!staysInside(input.path, text)) {
      throw new ArtError('SYMLINK', 'the symbolic link leaves the directory', { path: input.shown + input.names[i]! })
    }
    symlinkSync(text, fresh)
    return note(records, i, fresh)
  }
  if (size < LARGE_FILE) return writeSmall(open, records, i, fresh, executable)
  placeObject(open.layout, { oid: toHex(oid), size, executable }, fresh, open.linker)
  note(records, i, fresh)
}

/** The stat is taken from the open descriptor, which saves an `lstat`. */
function writeSmall(open: Open, records: Records, i: number, fresh: string, executable: boolean): void {
  const bytes = open.reader.read(records.oid(i))
  if (bytes.length !== records.size(i)) {
    throw new ArtError('CORRUPT', 'the tree gives another size than the content has')
  }
  const fd = openSync(fresh, 'wx', open.linker.mode(executable))
  try {
    writeWholeSync(fd, bytes)
    records.setStat(i, fstatSync(fd))
    records.setFlags(i, records.flags(i) | flag.stat)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
}

/** A link's own stat has another size than what it stands for. */
function note(records: Records, i: number, target: string): void {
  const size = records.size(i)
  records.setStat(i, lstatSync(target))
  records.setSize(i, size)
  records.setFlags(i, records.flags(i) | flag.stat)
}
