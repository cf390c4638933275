import type { CallOptions } from '@art/core'
import type { Format } from '../model-file.ts'
import type { OpenBeside } from '../source.ts'

/**
 * - `safe`: only names of the allow-list are imported, and nothing was left unread
 * - `unsafe`: a name is imported that runs, loads, opens or reaches anything
 * - `unknown`: neither; who trusts the names can allow them
 */
export type Verdict = 'safe' | 'unknown' | 'unsafe'

/** Also what art scans and does not read as a model. */
export type ScanFormat = Format | 'pickle' | 'pytorch-tar' | 'zip' | 'compressed'

export interface ScanOptions extends CallOptions {
  /** Names that the user trusts: `module.name`, or `module.*` for all that are not known to be dangerous. */
  readonly allow?: readonly string[]
  /** For formats of more than one file. */
  readonly openBeside?: OpenBeside
  /** The format that the same source was read as already, without a failure: its tables are not read again. */
  readonly format?: Format
}

export interface FoundImport {
  /** `?` where the file computes it, or keeps it outside itself. */
  readonly module: string
  readonly name: string
  readonly verdict: Verdict
  /** Called, or made an instance of. */
  readonly called: boolean
  /** Member, array or pickle within the file: `archive/data.pkl`, `pickle 4`, `a.npy`, joined by ` > `. */
  readonly where: string
  /** In bytes, within `where`; of its first import there. */
  readonly position: number
}

/** One pickle of the file. */
export interface FoundPickle {
  readonly where: string
  /** As PROTO says; 0 without one, or of protocol 1. */
  readonly protocol: number
  /** Names of the opcodes it uses, each once. */
  readonly opcodes: ReadonlySet<string>
  /** What it calls `numpy.dtype` with, each once. */
  readonly dtypes: ReadonlySet<string>
  /** `torch.load` reads it. */
  readonly loaded: boolean
  /** Why it does not come to its end. */
  readonly failure: string | undefined
}

export interface ScanReport {
  /** Undefined where it is nothing that art knows, and no pickle. */
  readonly format: ScanFormat | undefined
  readonly verdict: Verdict
  /** Every byte that could be code was read. */
  readonly complete: boolean
  /** Each name once for each place, in the order of the file. */
  readonly imports: readonly FoundImport[]
  readonly pickles: readonly FoundPickle[]
  /** Why it is not `safe`, as far as names do not say it. */
  readonly problems: readonly string[]
  /** What a reader should know beside the verdict. */
  readonly notes: readonly string[]
}

const ORDER: readonly Verdict[] = ['safe', 'unknown', 'unsafe']

export function worse(a: Verdict, b: Verdict): Verdict {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b
}
