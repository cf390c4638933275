import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { atomicWriteSync } from './atomic-write.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-write-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('replaces a file, keeps its mode and leaves nothing else behind', () => {
  const path = join(folder, 'x')
  writeFileSync(path, 'old')
  chmodSync(path, 0o640)
  atomicWriteSync(path, 'new')
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(statSync(path).mode & 0o777).toBe(0o640)
  atomicWriteSync(path, Buffer.from('secret'), { mode: 0o600 })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['x'])
})

it('writes names of 255 bytes', () => {
  const path = join(folder, 'é'.repeat(127))
  atomicWriteSync(path, 'x')
  expect(readFileSync(path, 'utf8')).toBe('x')
})

it('names the path and leaves no temporary file when it fails', () => {
  const path = join(folder, 'x', 'y')
  let error: unknown
  try {
    atomicWriteSync(path, 'x')
  } catch (reason) {
    error = reason
  }
  expect(isArtError(error, 'NOT_FOUND') && error.path === path).toBe(true)
  expect(readdirSync(folder)).toEqual([])
})
