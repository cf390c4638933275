import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** What lies below a folder: by relative path, what a user would compare. Folders end in a slash; `skip` leaves out names anywhere. */
export function treeOf(folder: string, skip: readonly string[] = ['.git', '.art']): Record<string, string> {
  const found: Record<string, string> = {}
  const visit = (at: string, prefix: string): void => {
    for (const name of readdirSync(at).sort()) {
      if (skip.includes(name)) continue
      const path = join(at, name)
      const stat = lstatSync(path)
      if (stat.isSymbolicLink()) found[prefix + name] = `-> ${readlinkSync(path)}`
      else if (stat.isDirectory()) {
        found[`${prefix}${name}/`] = 'folder'
        visit(path, `${prefix}${name}/`)
      } else if (!stat.isFile()) found[prefix + name] = 'special'
      else found[prefix + name] = `${stat.mode & 0o100 ? 'x ' : ''}${sha256(readFileSync(path))}`
    }
  }
  visit(folder, '')
  return found
}

/** As hex, what `sha256sum` prints. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Bytes that do not compress and are the same for the same seed. */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let a = (seed * 0x9e3779b1) >>> 0 || 1
  for (let i = 0; i + 4 <= length; i += 4) {
    a ^= a << 13
    a ^= a >>> 17
    a ^= a << 5
    a >>>= 0
    bytes.writeUInt32LE(a, i)
  }
  return bytes
}
