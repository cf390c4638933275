import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { failureOf } from '../temporary-workspace.ts'
import { makeFolder, readWholeSync, syncFolder, writeWholeSync } from './whole.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-whole-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('bytes are written and read whole, at a place or behind each other', () => {
  const path = join(folder, 'f')
  const fd = openSync(path, 'w+')
  try {
    writeWholeSync(fd, Buffer.from('one'))
    writeWholeSync(fd, Buffer.from('two'))
    writeWholeSync(fd, Buffer.from('XY'), 1)
    const target = Buffer.alloc(10)
    expect(readWholeSync(fd, target, 2)).toBe(4)
    expect(target.toString('utf8', 0, 4)).toBe('Ytwo')
  } finally {
    closeSync(fd)
  }
  expect(readFileSync(path, 'utf8')).toBe('oXYtwo')
})

it('folders are made with those above them, once, and what is in the way is named', async () => {
  const deep = join(folder, 'a', 'b', 'c')
  makeFolder(deep)
  makeFolder(deep)
  makeFolder(`${join(folder, 'x')}/`)
  expect([deep, join(folder, 'x')].every((path) => statSync(path).isDirectory())).toBe(true)
  syncFolder(deep)
  writeFileSync(join(folder, 'file'), '')
  const blocked = join(folder, 'file', 'below')
  expect(await failureOf(() => makeFolder(blocked))).toMatchObject({ code: 'IO', path: blocked })
})
