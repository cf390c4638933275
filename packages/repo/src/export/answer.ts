import { ArtError } from '@art/core'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import type { Ended } from './process.ts'
import { type Asked, problemError } from './problem.ts'

/** What Python says of an export that it has made and compared. */
export interface Made {
  torch: string
  exporter: string
  /** The largest difference between outputs of the model and of the export; null where nothing here runs the export. */
  maxAbsDiff: number | null
  /** `onnxruntime 1.22.0`; null as above. */
  comparedWith: string | null
}

const ANSWER_MAX = 1 << 20

/** Reads the answer that a Python has left. Fails with `IO` where there is none or it is none, and as the problem that it tells of. */
export function readAnswer(path: string, ended: Ended, asked: Asked): Made {
  const answer = parse(path)
  if (answer === undefined) throw noAnswer(ended, asked)
  if (answer['ok'] === true) {
    const made = madeOf(asRecord(answer['result']))
    if (made !== undefined) return made
  } else if (answer['ok'] === false) {
    const problem = asRecord(answer['problem'])
    if (typeof problem?.['kind'] === 'string' && typeof problem['message'] === 'string')
      throw problemError(problem as { kind: string; message: string }, asked)
  }
  throw noAnswer(ended, asked)
}

function parse(path: string): Record<string, unknown> | undefined {
  try {
    return asRecord(JSON.parse(readPlainFile(path, { max: ANSWER_MAX }).toString('utf8')))
  } catch {
    return undefined
  }
}

export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

function madeOf(result: Record<string, unknown> | undefined): Made | undefined {
  const { torch, exporter, max_abs_diff: maxAbsDiff, compared_with: comparedWith } = result ?? {}
  if (!isShort(torch) || !isShort(exporter)) return undefined
  if (comparedWith === null && maxAbsDiff === null) return { torch, exporter, maxAbsDiff, comparedWith }
  if (!isShort(comparedWith) || typeof maxAbsDiff !== 'number' || !(maxAbsDiff >= 0)) return undefined
  return { torch, exporter, maxAbsDiff, comparedWith }
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 100
}

function noAnswer({ code, signal, printed }: Ended, { python }: Asked): ArtError {
  const how = signal === null ? `ended with ${code} and` : `was killed by ${signal}, and`
  const lines = printed.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  const hint =
    signal === 'SIGKILL'
      ? 'It may have run out of memory: see the log of the system.'
      : 'Look whether this Python works, or name another with --python.'
  return new ArtError('IO', `Python ${how} gave no answer`, {
    path: python,
    hint,
    details: lines.slice(-8).map((message) => ({ path: '', message: message.slice(0, 300) })),
  })
}
