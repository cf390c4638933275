import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ArtError } from '../error.ts'
import { stageFile } from './staged-file.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-staged-'))
  path = join(folder, 'file')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

it('a file has its name once it is published, and what had it before is whole until then', async () => {
  writeFileSync(path, 'before')
  const staged = await stageFile(path, pieces('one', '', 'two'))
  expect(staged.size).toBe(6)
  expect(readFileSync(path, 'utf8')).toBe('before')
  staged.publish()
  expect(readFileSync(path, 'utf8')).toBe('onetwo')
  expect(readdirSync(folder)).toEqual(['file'])
})

it('nothing is left of one that is discarded, or whose pieces end in an error', async () => {
  ;(await stageFile(path, pieces('x'))).discard()
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x')
    throw new ArtError('CORRUPT', 'broken')
  }
  await expect(stageFile(path, broken())).rejects.toMatchObject({ code: 'CORRUPT' })
  const aborted = { signal: AbortSignal.abort(new Error('stop')) }
  await expect(stageFile(path, pieces('x'), aborted)).rejects.toThrow('stop')
  expect(readdirSync(folder)).toEqual([])
})

it('it waits where it is told to, and says where it cannot be', async () => {
  const staging = join(folder, 'staging')
  mkdirSync(staging)
  const staged = await stageFile(path, pieces('x'), { staging })
  expect(staged.temporary.startsWith(staging)).toBe(true)
  staged.publish()
  expect(readFileSync(path, 'utf8')).toBe('x')
  const nowhere = join(folder, 'nowhere', 'file')
  await expect(stageFile(nowhere, pieces('x'))).rejects.toMatchObject({ code: 'NOT_FOUND', path: nowhere })
  const taken = await stageFile(staging, pieces('x'))
  expect(() => taken.publish()).toThrow()
  expect(readdirSync(folder).sort()).toEqual(['file', 'staging'])
})
