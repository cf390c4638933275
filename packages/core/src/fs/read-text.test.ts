import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readSmallText } from './read-text.ts'

const folder = mkdtempSync(join(tmpdir(), 'art-text-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a text in another encoding is refused: written again it would be another one', () => {
  const path = join(folder, 'a.yaml')
  writeFileSync(path, 'author: Müller \ufeff\ufffd\n')
  expect(readSmallText(path)).toBe('author: Müller \ufeff\ufffd\n')
  writeFileSync(path, Buffer.from('author: Müller\n', 'latin1'))
  expect(() => readSmallText(path)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', path }))
  expect(readSmallText(join(folder, 'none'))).toBeUndefined()
})
