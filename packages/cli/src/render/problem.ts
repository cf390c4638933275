import type { ArtErrorCode, ErrorDetail } from '@art/core'
import type { Failure } from '@art/repo/api.ts'
import type { Paint } from './color.ts'
import { escapeText } from './escape.ts'

export interface Problem {
  code: ArtErrorCode
  message: string
  path?: string | undefined
  hint?: string | undefined
  details?: readonly ErrorDetail[] | undefined
}

/** More are only told when they are asked for: a model has hundreds of tensors. */
const SHOWN = 20

/** `error: message: path`, each detail on a line with what to do about it below, `hint: …`. */
export function renderProblem(
  { message, path, hint, details = [] }: Problem,
  paint: Paint,
  { verbose = false }: { verbose?: boolean } = {},
): string {
  const lines = [`${paint('red', 'error:')} ${withPath(message, path)}`]
  const shown = verbose || details.length <= SHOWN + 2 ? details : details.slice(0, SHOWN)
  for (const detail of shown) {
    lines.push(`  ${withPath(detail.message, detail.path)}`)
    if (detail.hint !== undefined) lines.push(`    ${paint('cyan', escapeText(detail.hint))}`)
  }
  if (shown.length < details.length) lines.push(`  and ${details.length - shown.length} more: -v lists all`)
  if (hint !== undefined) lines.push(hintLine(hint, paint))
  return lines.join('\n')
}

/** Every failure by name; a hint that several share is given once, below them. */
export function renderFailures(failed: readonly Failure[], paint: Paint): string {
  const errors = failed.map(({ message, path }) => `${paint('red', 'error:')} ${withPath(message, path)}`)
  const hints = new Set(failed.flatMap(({ hint }) => (hint === undefined ? [] : [hintLine(hint, paint)])))
  return [...errors, ...hints].join('\n')
}

/** What the path, escaped, adds to a message that does not name it. */
export function withPath(message: string, path: string | undefined): string {
  const text = escapeText(message)
  if (path === undefined || path === '' || names(message, path)) return text
  return `${text}: ${escapeText(path)}`
}

/** Does the message hold the path as a word of its own? One that is a word of the language, such as `a`, must be quoted, or stand first or behind a colon. */
function names(message: string, path: string): boolean {
  const isWord = /^[a-z]+$/i.test(path)
  return ` ${message} `
    .split(path)
    .some(
      (before, at, all) =>
        at < all.length - 1 &&
        (isWord ? /^ $|: $|["'`(]$/ : /[\s"'`(]$/).test(before) &&
        /^[\s"'`),:;.]/.test(all[at + 1] as string),
    )
}

function hintLine(hint: string, paint: Paint): string {
  return `${paint('cyan', 'hint:')} ${escapeText(hint)}`
}
