import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isArtError } from '@art/core'
import { TemporaryRepo } from '../temporary-repo.ts'
import { getSource } from './source.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

function codeOf(name: string): string | undefined {
  try {
    getSource(name, made.base, made.environment)
    return undefined
  } catch (error) {
    return isArtError(error) ? error.code : String(error)
  }
}

test.each([
  'https://host/team/models.git',
  'ssh://git@host:22/x',
  'git@github.com:team/models.git',
  'host:models',
  'git://host/x',
])('%s is an address', (name) => {
  expect(getSource(name, made.base, made.environment)).toEqual({ name, url: name, prefix: '' })
})

test.each(['', '-oProxyCommand=x', 'ext::sh -c x', 'fd::3', 'ftp://host/x', 's3://bucket/x', 'a\nb', 'file://%2fx%'])(
  '%j is refused',
  (name) => expect(codeOf(name)).toBe('USAGE'),
)

test('what is no repository, or not there, is named', () => {
  mkdirSync(join(made.base, 'plain'))
  for (const name of ['plain', 'nowhere', 'C:x']) expect(codeOf(name)).toBe('NOT_FOUND')
})

test('a folder is the repository around it, and an existing folder wins over an address', () => {
  mkdirSync(join(made.root, 'sub'))
  const { folder, root, url, prefix, top } = getSource('work/sub', made.base, made.environment)
  expect({ folder, root, url, prefix, top }).toEqual({
    folder: join(made.root, 'sub'),
    root: made.root,
    url: made.root,
    prefix: 'sub',
    top: made.root,
  })
  mkdirSync(join(made.root, 'host:models'))
  expect(getSource('host:models', made.root, made.environment).root).toBe(made.root)
  // Of an address only what is committed counts.
  expect(getSource(`file://${made.root}`, made.base, made.environment).root).toBeUndefined()
})
