import type { Source } from '../source.ts'
import { sliceSource } from '../source/slice.ts'
import { type Blob, named } from './place.ts'
import type { Findings } from './findings.ts'
import { spend } from './limits.ts'
import { scanPickles } from './pickles.ts'
import type { ScanFormat } from './report.ts'

const BLOCK = 512
/** How much of a member is searched for pickles amid raw data. */
const SEARCH_MAX = 4 << 20
/** A pickle of protocol 2 and later, or an import by GLOBAL or INST in any of them. */
const START = /\x80[\0-\x05]|[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n/g

/** By the checksum of the first header, as Python's tarfile tells it; its name may be anything, so a pickle can begin like that. */
export function isTarStart(head: Uint8Array): boolean {
  if (head.length < BLOCK) return false
  const stated = octal(head.subarray(148, 156))
  let unsigned = 0
  let signed = 0
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= 148 && i < 156 ? 0x20 : head[i]!
    unsigned += byte
    signed += byte > 0x7f ? byte - 256 : byte
  }
  return stated > 0 && (stated === unsigned || stated === signed)
}

/**
 * Torch's format before 0.1.10, which `torch.load` still tries first: pickles lie between raw data whose length only those pickles tell. So
 * they are searched for, and such a file is never safe.
 */
export async function scanTar(findings: Findings, blob: Blob): Promise<ScanFormat> {
  const { source } = blob
  findings.incomplete(named(blob, 'a tar archive: its pickles lie between raw data, where art can miss them'))
  await scanPickles(findings, { ...blob, expected: false, loaded: false })
  for (let at = 0; at + BLOCK <= source.size; ) {
    const header = Buffer.from(await source.read(at, BLOCK, findings.options))
    if (header.every((byte) => byte === 0)) {
      at += BLOCK
      continue
    }
    spend(findings.budget, 'members')
    const size = sizeOf(header)
    const name = header.subarray(0, 100).toString('latin1').split('\0', 1)[0]!
    const start = at + BLOCK
    const length = Math.min(Number.isSafeInteger(size) && size >= 0 ? size : 0, source.size - start)
    await searchMember(findings, blob, sliceSource(source, start, length), name)
    at = start + Math.ceil(length / BLOCK) * BLOCK
  }
  return 'pytorch-tar'
}

async function searchMember(findings: Findings, blob: Blob, source: Source, name: string): Promise<void> {
  const where = blob.where === '' ? name : `${blob.where} > ${name}`
  const bytes = Buffer.from(await source.read(0, Math.min(source.size, SEARCH_MAX), findings.options)).toString(
    'latin1',
  )
  let end = -1
  for (const { index } of bytes.matchAll(START)) {
    if (index < end) continue
    const place = index === 0 ? where : `${where} > byte ${index}`
    const rest = { ...blob, source, where: place, depth: blob.depth + 1, whole: false, expected: false }
    end = (await scanPickles(findings, rest, index))?.end ?? end
  }
}

function sizeOf(header: Buffer): number {
  const field = header.subarray(124, 136)
  if ((field[0]! & 0x80) === 0) return octal(field)
  return field.subarray(4).reduce((size, byte) => size * 256 + byte, 0)
}

function octal(field: Uint8Array): number {
  const text = Buffer.from(field).toString('latin1').replace(/\0.*$/s, '').trim()
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : 0
}
