import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@art/core'
import { hashFile } from '@art/core/hash/hash-file.ts'

/** Are two files, or two folders with all that is below them, the same? Links are the same as nothing. */
export function sameContent(a: string, b: string): boolean {
  const [one, other] = [lstatSync(a), lstatSync(b)]
  if (one.isFile() && other.isFile()) return one.size === other.size && toHex(hashFile(a)) === toHex(hashFile(b))
  if (!one.isDirectory() || !other.isDirectory()) return false
  const [names, others] = [readdirSync(a).sort(), readdirSync(b).sort()]
  return (
    names.length === others.length &&
    names.every((name, i) => name === others[i] && sameContent(join(a, name), join(b, name)))
  )
}
