import { bytesSource } from '../source/bytes.ts'
import { sliceSource } from '../source/slice.ts'
import { decodeText } from '../pickle/literal.ts'
import type { Source } from '../source.ts'
import type { Nested } from './call.ts'
import type { Findings, ImportRecord } from './findings.ts'
import type { Interpreter } from './interpreter.ts'
import type { Blob } from './place.ts'
import { type Verdict, worse } from './report.ts'
import type { Constant } from './symbol.ts'

/** A pickle that stands in another one as text has to be in memory. */
const DECODED_MAX = 16 << 20

/**
 * Scans the constants of a pickle that it unpickles, or that begin like pickles. `torch.storage._load_from_bytes` does nothing else than
 * that, so its import is judged by what it was given, if all of it is known.
 */
export async function scanNested(findings: Findings, run: Interpreter, blob: Blob): Promise<void> {
  const isRead = ({ by }: Nested): number => (by === undefined ? 1 : 0)
  const seen = new Map<number, Verdict>()
  const given = new Map<ImportRecord, Verdict>()
  for (const nested of run.nested.toSorted((a, b) => isRead(a) - isRead(b))) {
    const { constant, by } = nested
    const verdict = seen.get(constant.offset) ?? (await scanConstant(findings, run, blob, nested))
    seen.set(constant.offset, verdict)
    if (by !== undefined) given.set(by, worse(given.get(by) ?? 'safe', verdict))
  }
  for (const [record, verdict] of given) if (run.judgedByArgument.has(record)) record.verdict = verdict
}

async function scanConstant(findings: Findings, run: Interpreter, blob: Blob, nested: Nested): Promise<Verdict> {
  const { constant, by } = nested
  const where = `${run.where} > bytes at ${constant.offset}`
  const source = await constantSource(blob.source, constant, findings)
  if (source === undefined) {
    findings.incomplete(`${where}: too long to look into`)
    return 'unknown'
  }
  const found = findings.child()
  const part = {
    ...blob,
    source,
    where,
    depth: blob.depth + 1,
    whole: false,
    expected: by !== undefined,
    loaded: false,
  }
  try {
    const format = await blob.scan(found, part)
    return found.report(format).verdict
  } finally {
    findings.adopt(found)
  }
}

async function constantSource(source: Source, constant: Constant, findings: Findings): Promise<Source | undefined> {
  const { offset, length, inline, latin1 } = constant
  if (inline !== undefined) return bytesSource(source.name, inline)
  if (latin1 !== true) return sliceSource(source, offset, length)
  if (length > DECODED_MAX) return undefined
  const text = decodeText(await source.read(offset, length, findings.options))
  return bytesSource(source.name, Buffer.from(text, 'latin1'))
}
