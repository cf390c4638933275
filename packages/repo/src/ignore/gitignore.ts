import { rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fromSystemError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { readSmallText } from '@art/core/fs/read-text.ts'
import { assertInside } from '../target/path.ts'
import type { Repo } from '../open.ts'
import { refuseLink } from '../trust/link.ts'

/**
 * Adds the line for an artifact to the `.gitignore` beside it: at the end, or where `earlier`, a text that the file once had, has it. Both paths are
 * relative to the root. Returns the `.gitignore` where it changed; undefined where the line stood there already, and without git.
 */
export function ensureIgnored(repo: Repo, path: string, earlier = ''): string | undefined {
  if (repo.gitRoot === undefined) return undefined
  const { file, absolute, text } = read(repo, path)
  const line = ignoreLine(posix.basename(path))
  if (linesOf(text).includes(line)) return undefined
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const gap = text === '' || text.endsWith('\n') ? '' : end
  const [before, after] = splitFor(line, `${text}${gap}`, linesOf(earlier))
  atomicWriteSync(absolute, `${before}${line}${end}${after}`, { staging: repo.tmpDir })
  return file
}

/** Behind the nearest line that is still there of those before it; at the top where none is, and at the end where the earlier text has no such line. */
function splitFor(line: string, text: string, earlier: readonly string[]): [before: string, after: string] {
  const at = earlier.indexOf(line)
  if (at === -1) return [text, '']
  const lines = text.split(/(?<=\n)/)
  const bare = lines.map((written) => written.replace(/\r?\n$/, ''))
  const previous = earlier.slice(0, at).findLast((one) => bare.includes(one))
  const end = previous === undefined ? 0 : bare.lastIndexOf(previous) + 1
  return [lines.slice(0, end).join(''), lines.slice(end).join('')]
}

/** Takes the line out again, and deletes a `.gitignore` that is empty then. Returns the `.gitignore` where it changed. */
export function removeIgnored(repo: Repo, path: string): string | undefined {
  if (repo.gitRoot === undefined) return undefined
  const { file, absolute, text } = read(repo, path)
  const line = ignoreLine(posix.basename(path))
  const kept = text.split(/(?<=\n)/).filter((written) => written.replace(/\r?\n$/, '') !== line)
  const rest = kept.join('')
  if (rest === text) return undefined
  if (rest === '') rmSync(absolute)
  else atomicWriteSync(absolute, rest, { staging: repo.tmpDir })
  return file
}

/** `/name`, so that git takes it literally. No line can hold a line break: `?` stands for one. */
export function ignoreLine(name: string): string {
  const escaped = name
    .replace(/[\\!*#[\]?]/g, '\\$&')
    .replace(/[\r\n]/g, '?')
    .replace(/ +$/, (spaces) => '\\ '.repeat(spaces.length))
  return `/${escaped}`
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/)
}

function read(repo: Repo, path: string): { file: string; absolute: string; text: string } {
  const file = posix.join(posix.dirname(path), '.gitignore')
  assertInside(repo, file)
  const absolute = join(repo.root, file)
  // Git reads no such link either; its content would become part of the repository.
  refuseLink(absolute)
  try {
    return { file, absolute, text: readSmallText(absolute) ?? '' }
  } catch (error) {
    throw fromSystemError(error, file)
  }
}
