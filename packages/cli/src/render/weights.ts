import type { ExportResult, PullWeightsResult, WrittenWeights } from '@art/repo/model-api.ts'
import { renderCheckout } from './checkout.ts'
import { escapeText, quoteForShell } from './escape.ts'
import { countOf, formatCount, formatDuration, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

/** What was written, and that git does not leave it alone. */
export function renderExport(result: ExportResult, view: View): string {
  const received = result.transferred > 0 ? [view.paint('dim', `received ${formatSize(result.transferred)}`)] : []
  return [...renderWritten(result, view), ...received, ...renderForGit([result], view)].join('\n')
}

/** Each file that was written, and what of the models travelled for it. */
export function renderPulledWeights(result: PullWeightsResult, milliseconds: number, view: View): string {
  const { weights, checkout, bytes, skipped, would, artifacts, failed } = result
  if (would !== undefined) return renderWould(would, result, view)
  if (artifacts === 0 && failed.length === 0) return `no model is ${skipped.length === 0 ? 'tracked' : 'among them'}`
  const lines = weights.flatMap((one) => renderWritten(one, view))
  const whole = checkout.added.length + checkout.modified.length + checkout.unchanged.length
  if (whole > 0) lines.push(renderCheckout(checkout, view, { summary: true }))
  if (weights.length + whole > 0) {
    const moved = `received ${formatSize(bytes.transferred)} in ${formatDuration(milliseconds)}`
    const of = `of ${countOf(artifacts, 'model')}, ${formatSize(bytes.logical)}: ${moved}`
    lines.push(view.paint('dim', bytes.transferred === 0 ? `all of it was on this machine` : of))
  }
  return [...lines, ...renderForGit(weights, view)].join('\n')
}

function renderWould(would: { path: string; size: number }[], { remote }: PullWeightsResult, view: View): string {
  if (would.length === 0) return 'nothing would travel'
  const rows = would.map(({ path, size }) => [escapeText(path), formatSize(size)])
  const table = renderTable(rows, [{ flexible: true }, { align: 'right' }], view.columns)
  return [...table, view.paint('dim', `would write ${countOf(would.length, 'file')} from ${escapeText(remote)}`)].join(
    '\n',
  )
}

/** `resnet.safetensors  44.7 MB  62 tensors, 11,181,642 parameters`, and the digest. */
function renderWritten({ path, state, size, tensors, parameters, weights }: WrittenWeights, view: View): string[] {
  const { paint } = view
  const what = `${countOf(tensors, 'tensor')}, ${formatCount(parameters)} parameters`
  const ink = state === 'written' ? 'green' : 'dim'
  return [
    `${paint(ink, state)}  ${escapeText(path)}  ${formatSize(size)}  ${what}`,
    paint('dim', `weights ${escapeText(weights)}`),
  ]
}

/** An export is no artifact, and may be meant for git or not: nobody ignores it for the user, so he should know. */
function renderForGit(written: readonly WrittenWeights[], { paint }: View): string[] {
  const open = written.filter(({ ignored, state }) => ignored === false && state === 'written')
  if (open.length === 0) return []
  const paths = open.map(({ path }) => quoteForShell(path)).join(' ')
  const it = open.length === 1 ? 'it' : 'them'
  return [
    '',
    paint('dim', `git does not ignore ${it}: track ${it} too, or leave ${it} out of commits`),
    `  art add ${paths}`,
  ]
}
