import { closeSync, fchmodSync, fstatSync, lstatSync, openSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { cacheLayout, LARGE_FILE, objectPath, randomName } from '../cache/layout.ts'
import { PackReader } from '../cache/pack-reader.ts'
import { PackSet, type PackSetState } from '../cache/pack-set.ts'
import { damagedObject, verifySealed } from '../cache/seal.ts'
import { ArtError, fromSystemError } from '../error.ts'
import { writeWholeSync } from '../fs/whole.ts'
import { flag, Records } from '../index/record.ts'
import { Linker, type LinkType } from '../link/link.ts'
import { toHex } from '../oid.ts'
import { staysInside } from '../scan/symlink.ts'
import { toWire, type WireError } from '../worker/wire.ts'

export interface CheckoutSession {
  session: string
  cacheRoot: string
  packs: PackSetState
  links: readonly LinkType[]
}

export interface CheckoutSliceInput {
  session: string
  /** Absolute, `/` at its end; exists. */
  folder: string
  /** Relative to the tracked directory. */
  path: string
  names: string[]
  /** Their records, without stat. */
  records: ArrayBuffer
  /** Names that exist are replaced; otherwise they are refused as collisions. */
  replace: boolean
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

interface Open {
  packs: PackSet
  reader: PackReader
  linker: Linker
  cacheRoot: string
}

const sessions = new Map<string, Open>()

export function beginCheckout({ session, cacheRoot, packs, links }: CheckoutSession): void {
  const set = new PackSet(packs)
  sessions.set(session, { packs: set, reader: new PackReader(set), linker: new Linker(links), cacheRoot })
}

export function endCheckout({ session }: { session: string }): void {
  sessions.get(session)?.packs.close()
  sessions.delete(session)
}

/** Writes some files and links of one folder from the cache; content that does not match its oid never gets there. */
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
  for (let i = 0; i < input.names.length; i++) {
    const name = input.names[i]!
    const target = input.folder + name
    try {
      place(open, input, records, i, target)
      output.written++
      output.bytes += records.size(i)
    } catch (error) {
      output.failures.push({ name, error: toWire(describe(error, target)) })
    }
  }
  output.refused = [...open.linker.refused]
  return output
}

function describe(error: unknown, target: string): ArtError {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return fromSystemError(error, target)
  return new ArtError('NAME_COLLISION', 'another name of the directory is the same on this file system', {
    path: target,
    hint: 'Rename one of the two where names can differ in case, and push again.',
    cause: error,
  })
}

function place(open: Open, input: CheckoutSliceInput, records: Records, i: number, target: string): void {
  const flags = records.flags(i)
  const executable = (flags & flag.executable) !== 0
  const size = records.size(i)
  const oid = records.oid(i)
  const writeTo = input.replace ? `${input.folder}.${randomName().slice(0, 12)}.art-tmp` : target
  try {
    if ((flags & flag.kindMask) === flag.symlink) {
      const text = open.reader.read(oid).toString()
      if (!staysInside(input.path, text)) throw new ArtError('SYMLINK', 'the symbolic link leaves the directory', { path: target })
      symlinkSync(text, writeTo)
    } else if (size >= LARGE_FILE) {
      placeObject(open, toHex(oid), size, executable, writeTo)
    } else {
      writeSmall(open, records, i, writeTo, open.linker.mode(executable), input.replace)
      if (!input.replace) return
    }
    if (input.replace) renameSync(writeTo, target)
  } catch (error) {
    if (input.replace) rmSync(writeTo, { force: true })
    throw error
  }
  note(records, i, target)
}

function placeObject(open: Open, oid: string, size: number, executable: boolean, target: string): void {
  const object = objectPath(cacheLayout(open.cacheRoot), oid)
  try {
    verifySealed(object, oid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new ArtError('NOT_CACHED', 'the content is not in the cache', { path: target, hint: 'Run `art pull`.' })
  }
  if (lstatSync(object).size !== size) throw damagedObject(object, oid)
  open.linker.link(object, target, executable)
}

/** A fresh file's stat is taken from its open descriptor, which saves an `lstat`. */
function writeSmall(open: Open, records: Records, i: number, target: string, mode: number, exact: boolean): void {
  const bytes = open.reader.read(records.oid(i))
  if (bytes.length !== records.size(i)) throw new ArtError('CORRUPT', 'the tree gives another size than the content has', { path: target })
  const fd = openSync(target, 'wx', mode)
  try {
    writeWholeSync(fd, bytes)
    if (exact) fchmodSync(fd, mode)
    records.setStat(i, fstatSync(fd))
    records.setFlags(i, records.flags(i) | flag.stat)
  } catch (error) {
    rmSync(target, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
}

function note(records: Records, i: number, target: string): void {
  const size = records.size(i)
  records.setStat(i, lstatSync(target))
  if ((records.flags(i) & flag.kindMask) === flag.symlink) records.setSize(i, size)
  records.setFlags(i, records.flags(i) | flag.stat)
}

