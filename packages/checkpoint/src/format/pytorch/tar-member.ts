import type { CallOptions } from '@art/core'
import type { Source } from '../../source.ts'
import { damaged } from './storages.ts'

const BLOCK = 512
const MEMBERS_MAX = 1_000

/** POSIX ustar: a header of 512 bytes with a checksum over itself, the data, and zeros up to the next 512. */
export function isTarStart(start: Uint8Array): boolean {
  if (start.length < BLOCK) return false
  const stated = octal(start.subarray(148, 156))
  let sum = 8 * 0x20
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += start[i]!
  return stated === sum
}

const FIRST_MEMBER = /^(?:\.\/)?(?:sys_info|pickle|tensors|storages)$/

/** Does an archive begin like those that torch wrote? There are others, of anything. */
export function isTorchTarStart(start: Uint8Array): boolean {
  return isTarStart(start) && FIRST_MEMBER.test(text(start.subarray(0, 100)))
}

/** Where the last member of that name lies, which is the one that Python's `tarfile` takes; undefined where there is none. */
export async function findTarMember(
  source: Source,
  name: string,
  options?: CallOptions,
): Promise<{ offset: number; length: number } | undefined> {
  let found: { offset: number; length: number } | undefined
  let at = 0
  for (let i = 0; at + BLOCK <= source.size; i++) {
    const header = await source.read(at, BLOCK, options)
    if (!isTarStart(header)) break
    if (i === MEMBERS_MAX) throw damaged('the archive has too many members')
    const length = octal(header.subarray(124, 136))
    const offset = at + BLOCK
    if (!(offset + length <= source.size)) throw damaged('a member of the archive is cut off')
    const isFile = header[156] === 0x30 || header[156] === 0
    if (isFile && text(header.subarray(0, 100)).replace(/^\.\//, '') === name) found = { offset, length }
    at = offset + Math.ceil(length / BLOCK) * BLOCK
  }
  return found
}

function text(field: Uint8Array): string {
  return Buffer.from(field).toString('latin1').split('\0', 1)[0]!
}

/** GNU's base-256 numbers too, of sizes from 8 GiB on. */
function octal(field: Uint8Array): number {
  if (field[0]! & 0x80) return field.subarray(1).reduce((all, byte) => all * 256 + byte, field[0]! & 0x7f)
  const digits = text(field).trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}
