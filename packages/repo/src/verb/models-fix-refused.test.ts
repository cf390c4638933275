import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TemporaryRepo } from '../temporary-repo.ts'
import { check, fix, release, repositoryWithModel } from './temporary-releases.ts'

let place: TemporaryRepo
beforeEach(async () => {
  place = await repositoryWithModel()
})
afterEach(() => place.remove())

describe('nothing is written, and it is told why', () => {
  test('while git is at work, nothing is committed that the index could not follow', async () => {
    await release(place, '1.0.0')
    const before = place.git('rev-parse', 'HEAD')
    place.write('.git/index.lock', '')
    await expect(fix(place)).rejects.toMatchObject({ code: 'LOCKED', path: expect.stringContaining('index.lock') })
    rmSync(join(place.root, '.git/index.lock'))
    place.write('.git/MERGE_HEAD', `${before}\n`)
    await expect(fix(place)).rejects.toMatchObject({ code: 'GIT', hint: expect.stringContaining('git merge --abort') })
    rmSync(join(place.root, '.git/MERGE_HEAD'))
    expect(place.git('rev-parse', 'HEAD')).toBe(before)
    expect(place.git('status', '--porcelain')).toBe('')
  })

  test('where a hook keeps the index from following, what stands is told', async () => {
    await release(place, '1.0.0')
    place.write('.git/hooks/reference-transaction', '#!/bin/sh\n[ "$1" = committed ] && : > .git/index.lock\nexit 0\n')
    chmodSync(join(place.root, '.git/hooks/reference-transaction'), 0o755)
    await expect(fix(place)).rejects.toMatchObject({
      code: 'GIT',
      message: expect.stringMatching(/^the commit stands, but/),
      hint: expect.stringContaining('git checkout HEAD -- '),
    })
    expect(place.git('log', '-1', '--format=%s')).toBe('Registry files as the tags say')
  })

  test('a page in another encoding is refused, and not a byte of it changed', async () => {
    await release(place, '1.0.0')
    const page = Buffer.from('# Modelle von Müller\n', 'latin1')
    writeFileSync(join(place.root, 'MODELS.md'), page)
    const refusal = { code: 'CONFIG_INVALID', path: 'MODELS.md' }
    await expect(check(place)).rejects.toMatchObject(refusal)
    await expect(fix(place, { commit: false })).rejects.toMatchObject(refusal)
    expect(readFileSync(join(place.root, 'MODELS.md')).equals(page)).toBe(true)
  })

  test('on a detached HEAD files are written only without a commit', async () => {
    await release(place, '1.0.0')
    place.git('switch', '--quiet', '--detach')
    await expect(fix(place)).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--no-commit') })
    expect((await fix(place, { commit: false })).commit).toBeUndefined()
    expect((await check(place)).ok).toBe(true)
  })

  test.each(['models/registry.json', 'MODELS.md', 'models/cnn_v1.0.0_metadata.yaml'])(
    '%s that is a link is refused, and what it leads to stays',
    async (path) => {
      await release(place, '1.0.0')
      const outside = join(place.base, 'outside')
      execFileSync('sh', ['-c', `printf kept > '${outside}'`])
      symlinkSync(outside, join(place.root, path))
      for (const committed of [false, true]) {
        if (committed) place.commit('a link')
        for (const work of [() => check(place), () => fix(place), () => fix(place, { commit: false })])
          await expect(work()).rejects.toMatchObject({ code: 'PATH_UNSAFE', path })
      }
      expect(readFileSync(outside, 'utf8')).toBe('kept')
    },
  )

  test('a folder models that is a link is refused', async () => {
    await release(place, '1.0.0')
    rmSync(join(place.root, 'models'), { recursive: true })
    symlinkSync(place.base, join(place.root, 'models'))
    for (const work of [() => check(place), () => fix(place), () => fix(place, { commit: false })])
      await expect(work()).rejects.toMatchObject({ code: 'PATH_UNSAFE' })
  })

  test('one file that cannot be read is named, and nothing is written', async () => {
    await release(place, '1.0.0')
    place.write('models/registry.json', '{"models": ')
    place.write('MODELS.md', '<!-- art:release cnn@v1.0.0 -->\n')
    place.commit('broken')
    expect((await check(place)).disagreements.map(({ path, release: of }) => [path, of])).toEqual([
      ['models/registry.json', undefined],
      ['MODELS.md', undefined],
      ['models/cnn_v1.0.0_metadata.yaml', 'cnn@v1.0.0'],
    ])
    for (const options of [{}, { commit: false }])
      await expect(fix(place, options)).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'models/registry.json' })
    expect(place.git('status', '--short')).toBe('')
  })

  test('a file that is far too large is refused by name', async () => {
    await release(place, '1.0.0')
    place.write('models/registry.json', `{"models": []${' '.repeat(17 << 20)}}`)
    await expect(check(place)).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'models/registry.json' })
    place.commit('large')
    await expect(fix(place)).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'models/registry.json' })
  })
})
