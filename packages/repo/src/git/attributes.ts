import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { readConfigText } from '../config/level.ts'
import { refuseLink } from '../trust/link.ts'

/** Pointers have the same bytes everywhere, and `git diff` shows what they say: `diff.art` is what `art install` configures. */
const LINE = '*.art text eol=lf diff=art'
/** What earlier versions wrote. */
const EARLIER = '*.art text eol=lf'

/** Puts art's line into a `.gitattributes`, in place of an earlier one. Says whether it changed. */
export function ensureAttributes(path: string): boolean {
  refuseLink(path)
  const text = readConfigText(path) ?? ''
  const lines = text.split(/\r?\n/)
  if (lines.includes(LINE)) return false
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  if (lines.includes(EARLIER)) {
    atomicWriteSync(path, lines.map((line) => (line === EARLIER ? LINE : line)).join(end))
    return true
  }
  const gap = text === '' || text.endsWith('\n') ? '' : end
  atomicWriteSync(path, `${text}${gap}${LINE}${end}`)
  return true
}
