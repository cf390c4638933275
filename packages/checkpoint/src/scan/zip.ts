import type { Source } from '../source.ts'
import { sliceSource } from '../source/slice.ts'
import { auditZip, foldName, type Member, openMember, readZip, type Zip } from '../zip/zip.ts'
import { type Blob, isProblem, named } from './place.ts'
import { isProgramName, scanProgram } from './exported.ts'
import { Findings } from './findings.ts'
import { isLimit, spend } from './limits.ts'
import { localView } from './local-view.ts'
import { meteredSource } from './metered.ts'
import { mayBePickle, mayHoldPickle } from './peek.ts'
import { scanPickles } from './pickles.ts'
import type { ScanFormat } from './report.ts'
import { scanCode } from './torchscript.ts'
import { formatOf } from './zip-format.ts'

/** Members that are there to be unpickled, by their names. */
const PICKLE_NAME = /\.(?:pkl|pickle|debug_pkl|joblib|dill)$/i
/** Loaded into the process as they are. */
const LIBRARY_NAME = /\.(?:so|dll|dylib|pyd|cubin|hsaco|o)$/i
const SOURCE_NAME = /\.py$/i
const GAPS_MAX = 100

export interface KnownZip {
  readonly zip: Zip
  /** The bytes around it were read as something else, to which it belongs. */
  readonly isRead: boolean
}

/**
 * An archive, with all that any reader could find in it: members that torch opens and that Python opens, ones that only a header of their
 * own names, and bytes between them. What two readers would take differently keeps it from being safe, whatever it holds.
 */
export async function scanZip(outer: Findings, blob: Blob, known?: KnownZip): Promise<ScanFormat | undefined> {
  const zip = known?.zip ?? (await readZip(blob.source, outer.options))
  if (zip === undefined) {
    outer.incomplete(named(blob, 'a zip archive without its directory'))
    await scanPickles(outer, { ...blob, expected: false })
    return 'zip'
  }
  spend(outer.budget, 'members', zip.members.length)
  const { format, loaded } = formatOf(zip)
  const findings = format === 'torchscript' ? inTorchScript(outer) : outer
  try {
    await scanMembers(findings, { blob, zip, format, loaded, isRead: known?.isRead === true })
  } finally {
    if (findings !== outer) outer.adopt(findings)
  }
  return format
}

/** TorchScript's pickles are read by an unpickler of its own, in which these names are the archive's classes. */
function inTorchScript(outer: Findings): Findings {
  const allow = [...(outer.options.allow ?? []), '__torch__.*']
  return new Findings({ ...outer.options, allow }, outer.budget)
}

interface Archive {
  readonly blob: Blob
  readonly zip: Zip
  readonly format: ScanFormat
  readonly loaded: Member | undefined
  readonly isRead: boolean
}

async function scanMembers(findings: Findings, archive: Archive): Promise<void> {
  const { blob, zip, format, loaded, isRead } = archive
  const peeked = new Map<Member, boolean>()
  const audit = await auditZip(zip, findings.options, (member, start) => {
    peeked.set(member, mayBePickle(start, member.size))
  })
  const { lies, hidden, gaps } = isRead ? { lies: [], hidden: audit.hidden, gaps: [] } : audit
  const count = new Map<string, number>()
  const placeOf = (member: Member, suffix = ''): string => {
    const number = (count.get(member.name) ?? 0) + 1
    count.set(member.name, number)
    const place = blob.where === '' ? member.name : `${blob.where} > ${member.name}`
    return `${place}${number > 1 ? ` #${number}` : ''}${suffix}`
  }
  for (const { kind, member, message } of lies) {
    findings.problem(named(blob, member === undefined ? `${kind}: ${message}` : `${kind} ${member}: ${message}`))
  }
  for (const member of zip.members) {
    const scan = { zip, member, format, loaded: member === loaded, blob, where: placeOf(member) }
    await scanMember(findings, scan, peeked.get(member))
  }
  const liars = new Set(lies.filter(({ kind }) => kind === 'local').map(({ offset }) => offset))
  for (const member of zip.members) {
    if (!liars.has(member.offset)) continue
    const view = await localView(zip, member, findings.options)
    if (view !== undefined) {
      const where = placeOf(view, ' (by its own header)')
      await scanMember(findings, { zip, member: view, format, loaded: false, blob, where })
    }
  }
  for (const member of hidden) {
    spend(findings.budget, 'members')
    await scanMember(findings, { zip, member, format, loaded: false, blob, where: placeOf(member, ' (hidden)') })
  }
  for (const { offset, length } of gaps.slice(0, GAPS_MAX)) {
    const where = named(blob, `bytes at ${offset}`)
    const source = sliceSource(blob.source, offset, length)
    const gap = { ...blob, source, where, depth: blob.depth + 1, whole: false, expected: false, loaded: false }
    if (offset > 0) await blob.scan(findings, gap)
  }
}

interface MemberScan {
  readonly zip: Zip
  readonly member: Member
  readonly format: ScanFormat
  readonly loaded: boolean
  readonly blob: Blob
  readonly where: string
}

/** `mayPickle`: what is known of its first bytes. */
async function scanMember(findings: Findings, scan: MemberScan, mayPickle?: boolean): Promise<void> {
  const { zip, member, format, loaded, blob, where } = scan
  if (member.size === 0 && member.compressedSize === 0) return
  if (LIBRARY_NAME.test(member.name)) findings.problem(`${where}: compiled code, which is loaded with the model`)
  const expected = loaded || PICKLE_NAME.test(member.name)
  const isCode = SOURCE_NAME.test(member.name)
  const isProgram = format === 'torch-export' && isProgramName(member.name)
  let source: Source | undefined
  try {
    if (!expected && !isCode && !isProgram) {
      if (!(mayPickle ?? (await mayHoldPickle(zip, member, findings.options)))) return
    }
    source = meteredSource(await openMember(zip, member, findings.options), findings.budget, true)
    if (isCode) return await scanCode(findings, source, where, format === 'torchscript' && isScript(member))
    if (isProgram) return await scanProgram(findings, source, where)
    await blob.scan(findings, {
      ...blob,
      source,
      where,
      depth: blob.depth + 1,
      whole: false,
      expected,
      loaded: loaded && blob.loaded,
    })
  } catch (error) {
    if (isLimit(error) || !isProblem(error)) throw error
    findings.incomplete(`${where}: ${error.message}`)
  } finally {
    await source?.close()
  }
}

/** Below `code/` TorchScript keeps what its interpreter runs. */
function isScript(member: Member): boolean {
  return /^[^/]*\/code\//.test(foldName(member.name))
}
