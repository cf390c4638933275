import { ArtError, type CallOptions } from '@art/core'
import { partitionPoint } from '@art/core/partition-point.ts'
import type { Limits } from '../../model-file.ts'
import { foldName, type Member, openMember, type Zip } from '../../zip/zip.ts'
import { locator } from './locate.ts'
import { readWhole } from './stream.ts'

/** A zip archive in which torch keeps its records, all of them in one folder. */
export interface Archive {
  readonly zip: Zip
  /** The records' folder with its slash: that of the first member, whatever others there are. */
  readonly folder: string
  /** Where the archive begins in the model file; undefined where it is compressed into it. */
  readonly base: number | undefined
  /** The record of that name as torch finds it, upper and lower case alike. */
  find(record: string): Member | undefined
  /** Records that were found and have a double, which other readers may take. */
  readonly doubled: ReadonlySet<string>
  /** Where the next record, or the directory, begins. */
  after(member: Member): number
}

/**
 * Undefined where the first member is in no folder, which torch refuses:
 * https://github.com/pytorch/pytorch/blob/main/caffe2/serialize/inline_container.cc (`PyTorchStreamReader::init`).
 */
export function archiveOf(zip: Zip, base: number | undefined): Archive | undefined {
  const slash = zip.members[0]?.name.indexOf('/') ?? -1
  if (slash < 0) return
  const folder = zip.members[0]!.name.slice(0, slash + 1)
  // The directory may hold more members than the end record counts: torch does not see them.
  const members = zip.members.slice(0, zip.end.count)
  const byName = new Map<string, Member | 'several'>()
  for (const member of members) {
    const name = foldName(member.name)
    byName.set(name, byName.has(name) ? 'several' : member)
  }
  let locate: ((name: string) => number | undefined) | undefined
  const doubled = new Set<string>()
  const starts = Float64Array.from([...zip.members.map(({ offset }) => offset), zip.end.offset]).sort()
  return {
    zip,
    folder,
    base,
    doubled,
    find(record) {
      const found = byName.get(foldName(folder + record))
      if (found !== 'several') return found
      doubled.add(record)
      locate ??= locator(members.map(({ name }) => name))
      return members[locate(folder + record) ?? -1]
    },
    after: (member) => starts[firstAbove(starts, member.offset)] ?? zip.source.size,
  }
}

function firstAbove(sorted: Float64Array, value: number): number {
  return partitionPoint(sorted.length, (at) => sorted[at]! <= value)
}

/** The bytes of a record that is read whole. Fails with `CORRUPT` where it is larger than what may be held in memory. */
export async function readRecord(
  archive: Archive,
  member: Member,
  limits: Limits,
  options?: CallOptions,
): Promise<Uint8Array> {
  if (member.size > limits.tableBytes) {
    throw new ArtError('CORRUPT', `${member.name} has ${member.size} bytes, more than a table can need`, {
      path: archive.zip.source.name,
      hint: 'Save large data as tensors, outside the pickle.',
    })
  }
  const source = await openMember(archive.zip, member, options)
  try {
    return await readWhole(source, 0, source.size, options)
  } finally {
    await source.close()
  }
}

/** The text of a small record, such as `byteorder`; undefined where there is none. */
export async function readText(
  archive: Archive,
  record: string,
  limits: Limits,
  options?: CallOptions,
): Promise<string | undefined> {
  const member = archive.find(record)
  if (member === undefined) return
  return Buffer.from(await readRecord(archive, member, limits, options)).toString('utf8')
}
