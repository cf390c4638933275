import { isArtError } from '@art/core'
import type { Source } from '../source.ts'
import type { Findings } from './findings.ts'
import type { ScanFormat } from './report.ts'

/** A file, or a part of one that could be a file of its own. */
export interface Blob {
  readonly source: Source
  /** Within the file; empty for the file itself. */
  readonly where: string
  readonly depth: number
  /** It stands for the file: it is told what it is, if it is not a pickle. */
  readonly whole: boolean
  /** It is there to be unpickled: what cannot be read is a problem. Else it may be data of any kind. */
  readonly expected: boolean
  /** `torch.load` reads it. */
  readonly loaded: boolean
  /** How a part of it is scanned, whatever it is. */
  readonly scan: (findings: Findings, part: Blob) => Promise<ScanFormat | undefined>
}

/** An error about what the bytes are, not about reading them. */
export function isProblem(error: unknown): error is Error {
  return isArtError(error, 'CORRUPT') || isArtError(error, 'UNSUPPORTED') || isArtError(error, 'PATH_UNSAFE')
}

export function named({ where }: Pick<Blob, 'where'>, message: string): string {
  return where === '' ? message : `${where}: ${message}`
}
