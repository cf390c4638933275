import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ArtError } from '@art/core'
import { TemporaryRepo } from '../temporary-repo.ts'
import { establish, type Prepared, prepare, publish } from './publish.ts'
import { eachPublication, made, references, RELEASE, repo } from './temporary-publication.ts'

eachPublication()

describe('what is in the way', () => {
  /** How it failed, and that nothing refers to anything else than before. */
  async function refusal(prepared?: Prepared): Promise<object> {
    const before = references()
    const work = prepared === undefined ? publish(repo, RELEASE) : establish(repo, prepared)
    const error: unknown = await work.catch((failure: unknown) => failure)
    const { code, path, message, hint, retryable } = error as ArtError
    return { code, path, message, hint, retryable, unchanged: references() === before }
  }

  it('a tag of that name, before or meanwhile', async () => {
    const prepared = await prepare(repo, RELEASE)
    made.git('tag', 'net@v1.0.0')
    expect(await refusal()).toMatchObject({ code: 'TAG_EXISTS', path: 'net@v1.0.0', unchanged: true })
    expect(await refusal(prepared)).toMatchObject({ code: 'TAG_EXISTS', path: 'net@v1.0.0', unchanged: true })
  })

  it('a branch that moved meanwhile', async () => {
    const prepared = await prepare(repo, RELEASE)
    made.write('code.py', 'two\n')
    made.commit('meanwhile')
    expect(await refusal(prepared)).toMatchObject({
      code: 'GIT',
      message: 'the branch has moved meanwhile',
      retryable: true,
      unchanged: true,
    })
  })

  it('another branch that was checked out meanwhile', async () => {
    const prepared = await prepare(repo, RELEASE)
    made.git('switch', '-q', '-c', 'other')
    expect(await refusal(prepared)).toMatchObject({ code: 'GIT', path: 'main', unchanged: true })
  })

  it('a tag in the place of a folder', async () => {
    made.git('tag', 'cv')
    const before = references()
    const tags = [{ name: 'cv/net@v1.0.0', message: 'x' }]
    await expect(publish(repo, { ...RELEASE, tags })).rejects.toMatchObject({ code: 'GIT' })
    expect(references()).toBe(before)
  })

  it('a name that git refuses', async () => {
    const before = references()
    for (const name of ['a b', 'x..y', 'a\nupdate refs/heads/main', 'x.lock', '-x~1'])
      await expect(publish(repo, { ...RELEASE, tags: [{ name, message: 'x' }] })).rejects.toMatchObject({ code: 'GIT' })
    expect(references()).toBe(before)
  })

  it('a detached HEAD, for a commit; a tag alone needs no branch', async () => {
    made.git('switch', '-q', '--detach')
    expect(await refusal()).toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--no-commit') as string,
      unchanged: true,
    })
    const { commit } = await publish(repo, { ...RELEASE, files: [] })
    expect(commit).toBeUndefined()
    expect(made.git('rev-parse', 'net@v1.0.0^{commit}')).toBe(made.git('rev-parse', 'HEAD'))
  })

  it('no identity', async () => {
    writeFileSync(join(made.base, '.gitconfig'), '[user]\nuseConfigOnly = true\n')
    expect(await refusal()).toMatchObject({
      code: 'GIT',
      hint: expect.stringContaining('user.email') as string,
      unchanged: true,
    })
  })

  it('no commit yet', async () => {
    const empty = await TemporaryRepo.create()
    try {
      await expect(publish(await empty.open(), RELEASE)).rejects.toMatchObject({ message: 'nothing is committed yet' })
    } finally {
      empty.remove()
    }
  })

  it('a date that git cannot read, which is not said to be about a name', async () => {
    const odd = await made.open(made.root, { GIT_COMMITTER_DATE: 'garbage' })
    await expect(publish(odd, RELEASE)).rejects.toMatchObject({
      code: 'GIT',
      message: expect.stringContaining('date'),
      hint: expect.stringContaining('GIT_COMMITTER_DATE'),
    })
  })

  it('a signing program that fails', async () => {
    writeFileSync(join(made.base, 'gpg'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    made.git('config', 'gpg.program', join(made.base, 'gpg'))
    for (const key of ['commit.gpgSign', 'tag.gpgSign']) {
      made.git('config', key, 'true')
      expect(await refusal()).toMatchObject({ code: 'GIT', unchanged: true })
      made.git('config', '--unset', key)
    }
  })
})
