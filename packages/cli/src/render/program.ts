import type { ExportedProgram } from '@art/repo/program-api.ts'
import { listed } from '@art/core/listed.ts'
import { escapeText } from './escape.ts'
import { formatFact } from './figure.ts'
import { gitAddLines } from './git-add.ts'
import { formatCount, formatSize } from './size.ts'
import type { View } from './view.ts'

/** What was made, how far it is from the model, whose figures are whose, and the line that tells git. */
export function renderProgram(result: ExportedProgram, { paint }: View): string {
  const { state, path, size, format, opset, torch, comparedWith, maxAbsDiff, tolerance, own, source, metrics } = result
  const what = opset === null ? format : `${format} opset ${opset}`
  const ink = state === 'written' ? 'green' : 'dim'
  const compared =
    comparedWith === null || maxAbsDiff === null
      ? paint('yellow', 'not compared with the model')
      : `outputs differ by ${figure(maxAbsDiff)} at most, ${allowed(maxAbsDiff, tolerance)}: ${escapeText(comparedWith)}`
  const taken = Object.entries(metrics).map(([name, value]) => `${escapeText(name)} ${formatFact(value)}`)
  const received = result.transferred > 0 ? [paint('dim', `received ${formatSize(result.transferred)}`)] : []
  const outside = result.pointer === null ? [paint('dim', 'not added: it is outside of the repository')] : []
  return [
    `${paint(ink, state)}  ${escapeText(path)}  ${formatSize(size)}  ${what}, by torch ${escapeText(torch)}`,
    compared,
    ...(taken.length === 0 ? [] : [paint('dim', `metrics of its source: ${listed(taken)}`)]),
    paint('dim', `${escapeText(source)} has ${figuresText(result)}`),
    ...(own === null ? [] : [paint('dim', `${escapeText(path)} has ${figuresText(own)}`)]),
    ...received,
    ...outside,
    ...gitAddLines(result.gitPaths, result.staged, paint),
  ].join('\n')
}

/** Of a source, or of what was made of it: exporters fold and rename tensors, so that these are two. */
function figuresText({ parameters, weights }: Pick<ExportedProgram, 'parameters' | 'weights'>): string {
  return `${formatCount(parameters)} parameters, weights ${escapeText(weights)}`
}

/** Beyond 1 the tolerance is a part of the largest output: a difference may be above it, and is none too many. */
function allowed(maxAbsDiff: number, tolerance: number): string {
  return maxAbsDiff > tolerance
    ? `within ${figure(tolerance)} of the largest output`
    : `${figure(tolerance)} is allowed`
}

/** `1.9e-6`, `0`, `0.0001`. */
function figure(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(2)))
}
