import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sha256, toHex } from '../oid.ts'
import { codeOf } from '../temporary-workspace.ts'
import { isSealed, noteVerified, seal, verifySealed, wasVerified } from './seal.ts'

const content = Buffer.alloc(100_000, 1)
const oid = toHex(sha256(content))
let folder: string
let object: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-seal-'))
  object = join(folder, 'object')
  writeFileSync(object, content)
})
afterEach(() => rmSync(folder, { recursive: true }))

it('makes an object read-only, and is broken by whatever is written to it', () => {
  seal(object)
  expect(statSync(object).mode & 0o777).toBe(0o444)
  expect(isSealed(statSync(object).mtimeMs)).toBe(true)
  chmodSync(object, 0o644)
  writeFileSync(object, content)
  expect(isSealed(statSync(object).mtimeMs)).toBe(false)
})

it('that is broken makes the object be read: it is sealed again, or refused', async () => {
  verifySealed(object, oid)
  expect(isSealed(statSync(object).mtimeMs)).toBe(true)
  chmodSync(object, 0o644)
  writeFileSync(object, 'other')
  expect(await codeOf(() => verifySealed(object, oid))).toBe('CORRUPT')
})

it('a hash that was taken in this process counts until the object is touched', () => {
  seal(object)
  expect(wasVerified(object, statSync(object))).toBe(false)
  noteVerified(object, statSync(object))
  expect(wasVerified(object, statSync(object))).toBe(true)
  chmodSync(object, 0o644)
  writeFileSync(object, Buffer.alloc(100_000, 2))
  expect(wasVerified(object, statSync(object))).toBe(false)
})
