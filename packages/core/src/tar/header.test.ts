import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TAR_BLOCK, TAR_END, type TarEntry, tarHeader, tarPadding } from './header.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-tar-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const long = `${'folder-of-some-length/'.repeat(9)}${'n'.repeat(120)}.bin`
const middle = `${'f/'.repeat(40)}${'n'.repeat(90)}`
const content = Buffer.from('bytes of a file')
const ENTRIES: TarEntry[] = [
  { path: 'data', kind: 'folder', size: 0 },
  { path: 'data/plain.bin', kind: 'file', size: content.length },
  { path: 'data/run.sh', kind: 'file', size: content.length, executable: true },
  { path: 'data/größe ☃.bin', kind: 'file', size: content.length },
  { path: middle, kind: 'file', size: content.length },
  { path: long, kind: 'file', size: content.length },
  { path: 'data/link', kind: 'symlink', size: 0, target: 'plain.bin' },
  { path: 'data/far', kind: 'symlink', size: 0, target: 'x'.repeat(150) },
]

test('the system tar unpacks what is written', () => {
  const parts = ENTRIES.flatMap((entry) =>
    entry.kind === 'file' ? [tarHeader(entry), content, tarPadding(content.length)] : [tarHeader(entry)],
  )
  const archive = Buffer.concat([...parts, TAR_END])
  expect(archive.length % TAR_BLOCK).toBe(0)
  writeFileSync(join(folder, 'a.tar'), archive)
  const env = { ...process.env, LC_ALL: 'C.UTF-8' }
  execFileSync('tar', ['-xf', 'a.tar'], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
  for (const { path, kind, executable = false, target } of ENTRIES) {
    if (kind === 'file') expect(readFileSync(join(folder, path)).equals(content), path).toBe(true)
    if (kind === 'file') expect((statSync(join(folder, path)).mode & 0o100) !== 0).toBe(executable)
    if (kind === 'symlink') expect(readlinkSync(join(folder, path))).toBe(target)
  }
})

test('a file of more than 8 GiB has its size in an extended header', () => {
  const size = 20 * 2 ** 30
  const header = tarHeader({ path: 'big.pth', kind: 'file', size })
  expect(header.length).toBe(3 * TAR_BLOCK)
  expect(header.toString('latin1', TAR_BLOCK, TAR_BLOCK + 20)).toContain(`size=${size}`)
})
