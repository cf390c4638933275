import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { visitIndex } from './index-file.ts'

let made: TemporaryRepo
afterEach(() => made.remove())

/** Names in the order of the index; undefined where it was not read. */
function namesIn(): string[] | undefined {
  const gitDir = join(made.root, '.git')
  let names: string[] = []
  const isRead = visitIndex(gitDir, join(gitDir, 'index'), ({ name }) => {
    if (name === names[0]) names = []
    names.push(name)
    return true
  })
  return isRead ? names : undefined
}

function fill(): string[] {
  const long = 'x'.repeat(120)
  // More than is read at first.
  const names = Array.from({ length: 2500 }, (_, i) => `sub/${long}-${i}`)
  for (const name of ['a b', 'é/x', 'z', ...names]) made.write(name, '')
  made.git('add', '--all')
  return made.git('-c', 'core.quotePath=false', 'ls-files').split('\n')
}

describe('git’s index', () => {
  it.each(['2', '4'])('of version %s is read as git reads it', async (version) => {
    made = await TemporaryRepo.create()
    made.git('update-index', '--index-version', version)
    const names = fill()
    expect(names.length).toBeGreaterThan(2500)
    expect(namesIn()).toEqual(names)
  })

  it('of version 3, which knows of entries that are only meant to come', async () => {
    made = await TemporaryRepo.create()
    made.write('a', '')
    made.write('b', '')
    made.git('add', '--intent-to-add', 'a')
    made.git('add', '.art', 'b')
    expect(namesIn()).toEqual(['.art/.gitignore', '.art/config.yaml', 'a', 'b'])
  })

  it('of a repository with sha256 is read too', () => {
    made = new TemporaryRepo()
    made.git('init', '--quiet', '--object-format=sha256')
    expect(namesIn()).toEqual([])
    const names = fill()
    expect(namesIn()).toEqual(names)
  })

  it('that is split, or of a form that is not known, is left to git', async () => {
    made = await TemporaryRepo.create()
    fill()
    made.git('update-index', '--split-index')
    expect(namesIn()).toBeUndefined()
    made.git('update-index', '--no-split-index')
    made.write('.git/index', 'DIRC\0\0\0\x09\0\0\0\0')
    expect(namesIn()).toBeUndefined()
  })
})
