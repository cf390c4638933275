import { lstatSync, type Stats, statSync } from 'node:fs'
import { LARGE_FILE } from '../cache/layout.ts'
import { fromSystemError } from '../error.ts'
import { changedWhileRead, notAFile } from '../fs/refusal.ts'
import { hashFile } from '../hash/hash-file.ts'
import { quickHashFile } from '../hash/quick-hash.ts'
import { sectionAt } from '../index/dir-index.ts'
import { flag, isExecutable, Records } from '../index/record.ts'
import { findName, type Section } from '../index/section.ts'
import { fromHex, sha256 } from '../oid.ts'
import { compareNames } from '../tree/names.ts'
import { toWire, type WireError } from '../worker/wire.ts'
import { isHardLinked, symlinkedObject } from './cache-link.ts'
import { type ScanSession, scanSession } from './session.ts'
import { readSmallFile, type SmallFile } from './small-file.ts'
import { readInnerLink } from './symlink.ts'

/** Some neighbouring files and links of one folder, sorted by their names' bytes. */
export interface SliceInput {
  session: string
  /** Absolute, `/` at its end. */
  folder: string
  /** Relative to the tracked directory. */
  path: string
  names: string[]
  /** Those of them that are links, or neither file nor link. */
  odd: ReadonlySet<string>
  /** Where the index that was in force has this folder. */
  known?: { buffer: ArrayBufferLike; at: number; id: string; seed: bigint } | undefined
  /** Entries changed at or after this time (ms) are marked racy. */
  trustedBefore: number
  /** Read files that the index does not know, too. */
  hashNew: boolean
  dereference: boolean
}

export interface SliceOutput {
  /** Absent where every entry is as the index has it. */
  records?: ArrayBuffer
  /** Files that were read because their stat had changed, or is not to be trusted. */
  read: number
  /** Entries whose content the cache lacks, while nothing is being stored. */
  uncached: number
  /** Large files whose content is still to be stored. */
  large: number
  bytes: number
  failures: { name: string; error: WireError }[]
  transfer: ArrayBuffer[]
}

/**
 * Says what each entry is: from the index where its stat is unchanged, else by reading it. What is wrong with an entry is told by its name;
 * what is wrong with the cache ends it all.
 */
export async function scanSlice(input: SliceInput): Promise<SliceOutput> {
  const { names, known, folder } = input
  const section = known === undefined ? undefined : sectionAt(known.buffer, known.at, known.id)
  const session = scanSession(input.session)
  const records = Records.allocate(names.length)
  const output: SliceOutput = { read: 0, uncached: 0, large: 0, bytes: 0, failures: [], transfer: [] }
  let base = section === undefined ? 0 : lowerBound(section.names, names[0] ?? '')
  let same = section !== undefined
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    while (section !== undefined && base < section.names.length && compareNames(section.names[base]!, name) < 0) base++
    const match = section !== undefined && section.names[base] === name ? base : -1
    const path = folder + name
    try {
      if (match < 0 && storeUnknown(input, output, { records, i, path, match, session })) {
        same = false
        continue
      }
      const stat = input.dereference ? statSync(path) : lstatSync(path)
      if (match >= 0 && isTrusted(section!.records, match, stat)) {
        const cached = session.has(section!.records.oid(match), stat.size)
        if (cached || session.writer === undefined) {
          records.copyFrom(i, section!.records, match)
          if (!cached) output.uncached++
          continue
        }
      }
      same = false
      await examine(input, output, { records, i, path, stat, section, match, session })
    } catch (error) {
      if (session.writer?.failure !== undefined) throw session.writer.failure
      same = false
      output.failures.push({ name, error: toWire(fromSystemError(error, path)) })
    }
  }
  if (same) return output
  output.records = records.bytes.buffer as ArrayBuffer
  output.transfer.push(output.records)
  return output
}

function lowerBound(names: readonly string[], name: string): number {
  const at = findName(names, name)
  return at < 0 ? ~at : at
}

function isTrusted(records: Records, i: number, stat: Stats): boolean {
  const flags = records.flags(i)
  return (flags & (flag.stat | flag.racy)) === flag.stat && records.sameStat(i, stat)
}

interface Place {
  records: Records
  i: number
  path: string
  /** Its place in the index; negative where it has none. */
  match: number
  session: ScanSession
}

interface Entry extends Place {
  stat: Stats
  section: Section | undefined
}

/**
 * Stores a small file that the index does not know without asking for its stat first, which would cost a tenth of it all. False, and
 * nothing done, where it is anything else or cannot be read: then it is looked at more closely.
 */
function storeUnknown(input: SliceInput, output: SliceOutput, place: Place): boolean {
  const { i, path, session } = place
  const { writer } = session
  if (writer === undefined || input.odd.has(input.names[i]!)) return false
  let read: SmallFile
  try {
    read = readSmallFile(path, input.dereference, (size) => (size >= LARGE_FILE ? undefined : writer.reserve(size)))
  } catch {
    return false
  }
  if (read.bytes === undefined) return false
  nameRecord(input, place, undefined)
  takeSmall(input, output, place, { stat: read.stat, bytes: read.bytes })
  return true
}

function nameRecord(input: SliceInput, { records, i, match }: Place, section: Section | undefined): void {
  const name = Buffer.from(input.names[i]!)
  records.setNameLength(i, name.length)
  records.setNameHash(
    i,
    section === undefined || match < 0 ? sha256(name).readUInt32BE(0) : section.records.nameHash(match),
  )
}

function takeSmall(
  input: SliceInput,
  output: SliceOutput,
  place: Place,
  { stat, bytes }: { stat: Stats; bytes: Buffer },
): void {
  const { records, i, session } = place
  output.read++
  output.bytes += bytes.length
  const id = sha256(bytes)
  session.commit(id, bytes)
  note(input, place, stat, flag.file)
  records.setOid(i, id)
  if (session.writer === undefined && !session.has(id, bytes.length)) output.uncached++
}

async function examine(input: SliceInput, output: SliceOutput, entry: Entry): Promise<void> {
  const { path, stat, section, match, session } = entry
  nameRecord(input, entry, section)
  if (stat.isSymbolicLink()) return examineLink(input, output, entry)
  if (!stat.isFile()) throw notAFile(path)
  if (session.writer === undefined && !input.hashNew && match < 0) return note(input, entry, stat, flag.file)
  if (stat.size >= LARGE_FILE) return await examineLarge(input, output, entry)
  const read = readSmallFile(path, input.dereference, (size) =>
    size >= LARGE_FILE ? undefined : (session.writer?.reserve(size) ?? scratch.subarray(0, size)),
  )
  if (read.bytes === undefined) throw changedWhileRead(path)
  takeSmall(input, output, entry, { stat: read.stat, bytes: read.bytes })
}

const scratch = Buffer.allocUnsafeSlow(LARGE_FILE)

function examineLink(input: SliceInput, output: SliceOutput, entry: Entry): void {
  const { records, i, path, stat, session } = entry
  const object = symlinkedObject(session.layout, path)
  if (object !== undefined) {
    note(input, entry, stat, flag.file)
    records.setFlags(i, records.flags(i) & ~flag.executable)
    records.setOid(i, fromHex(object.oid))
    records.setSize(i, object.size)
    return
  }
  const target = Buffer.from(readInnerLink(path, input.path))
  const id = sha256(target)
  session.keep(id, target)
  note(input, entry, stat, flag.symlink)
  records.setOid(i, id)
  records.setSize(i, target.length)
  if (session.writer === undefined && !session.has(id, target.length)) output.uncached++
}

async function examineLarge(input: SliceInput, output: SliceOutput, entry: Entry): Promise<void> {
  const { records, i, path, stat, section, match, session } = entry
  output.read++
  output.bytes += stat.size
  note(input, entry, stat, flag.file)
  const quick = match < 0 ? 0n : section!.records.quickHash(match)
  const old = match < 0 ? undefined : section!.records.oid(match)
  const isOld = async (): Promise<boolean> =>
    stat.size === section!.records.size(match) &&
    quick !== 0n &&
    (await quickHashFile(path, input.known!.seed)) === quick
  if (old !== undefined && (isHardLinked(session.layout, stat, old) || (await isOld()))) {
    const cached = session.has(old, stat.size)
    if (session.writer === undefined || cached) {
      records.setOid(i, old)
      records.setQuickHash(i, quick)
      if (!cached) output.uncached++
      return
    }
  }
  if (session.writer === undefined) {
    const oid = hashFile(path)
    records.setOid(i, oid)
    if (!session.has(oid, stat.size)) output.uncached++
    return
  }
  records.setFlags(i, records.flags(i) | flag.pending)
  output.large++
}

function note(input: SliceInput, { records, i }: Place, stat: Stats, kind: number): void {
  records.setStat(i, stat)
  const racy = Math.max(stat.mtimeMs, stat.ctimeMs) >= input.trustedBefore ? flag.racy : 0
  const executable = kind === flag.file && isExecutable(stat) ? flag.executable : 0
  records.setFlags(i, kind | executable | flag.stat | racy)
}
