import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CacheLayout } from './cache/layout.ts'
import { seal } from './cache/seal.ts'

/**
 * For tests: flips a bit of a content wherever it lies in the cache's packs. `written`: as a program does that writes there, so that the seal
 * breaks; else as a disk does that loses a bit.
 */
export function damageInPacks(layout: CacheLayout, content: string | Uint8Array, { written = false } = {}): string[] {
  const damaged: string[] = []
  for (const name of readdirSync(layout.packs)) {
    const path = join(layout.packs, name)
    const bytes = readFileSync(path)
    const at = bytes.indexOf(content)
    if (!name.endsWith('.pack') || at < 0) continue
    bytes[at]! ^= 1
    chmodSync(path, 0o644)
    writeFileSync(path, bytes)
    if (!written) seal(path)
    damaged.push(path)
  }
  return damaged
}
