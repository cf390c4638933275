import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publish } from './publish.ts'
import { settleFiles } from './settle-files.ts'
import { finishPublication } from './unfinished.ts'
import { eachPublication, FILES, made, RELEASE, repo } from './temporary-publication.ts'

eachPublication()

describe('the working tree and the index', () => {
  it('keep what somebody has changed meanwhile, in a file that the commit has', async () => {
    made.write('MODELS.md', 'my own words\n')
    made.write('models/registry.json', 'mine too\n')
    await publish(repo, RELEASE)
    expect((await settleFiles(repo, FILES)).sort()).toEqual(['MODELS.md', 'models/registry.json'])
    expect(made.read('MODELS.md')).toBe('my own words\n')
    expect(made.read('models/registry.json')).toBe('mine too\n')
    expect(existsSync(join(made.root, 'gone.yaml'))).toBe(false)
  })

  it('keep what somebody has staged', async () => {
    made.write('MODELS.md', 'staged words\n')
    made.git('add', 'MODELS.md')
    await publish(repo, RELEASE)
    expect(await settleFiles(repo, FILES)).toEqual(['MODELS.md'])
    expect(made.git('show', ':MODELS.md')).toBe('staged words')
  })

  it('can be settled again after a command was killed in between, wherever', async () => {
    await publish(repo, RELEASE)
    made.write('models/registry.json', '{}\n')
    await settleFiles(repo, [FILES[2]!])
    expect(await settleFiles(repo, FILES)).toEqual([])
    expect(made.git('status', '--porcelain')).toBe('')
  })

  it('are settled by the next command, after one was killed when its commit stood', async () => {
    expect(await finishPublication(repo)).toBe(false)
    await publish(repo, RELEASE)
    made.write('code.py', 'mine\n')
    expect(await finishPublication(repo)).toBe(true)
    expect(made.git('status', '--porcelain')).toBe(' M code.py')
    made.commit('by hand')
    expect(await finishPublication(repo)).toBe(false)
  })

  it('have the line ends that git writes there', async () => {
    made.git('config', 'core.autocrlf', 'true')
    made.git('rm', '-q', '--cached', '-r', '.')
    made.git('reset', '-q', '--hard')
    expect(made.read('MODELS.md')).toBe('old\r\n')
    await publish(repo, RELEASE)
    expect(await settleFiles(repo, FILES)).toEqual([])
    expect(made.git('status', '--porcelain')).toBe('')
  })

  it('are not written through a link', async () => {
    const outside = join(made.base, 'outside')
    mkdirSync(outside)
    symlinkSync(outside, join(made.root, 'models'))
    await publish(repo, RELEASE)
    await expect(settleFiles(repo, FILES)).rejects.toMatchObject({ code: 'PATH_UNSAFE', path: 'models/registry.json' })
    expect(readdirSync(outside)).toEqual([])
  })

  it('a locked index is told', async () => {
    await publish(repo, RELEASE)
    writeFileSync(join(made.root, '.git/index.lock'), '')
    await expect(settleFiles(repo, FILES)).rejects.toMatchObject({
      code: 'GIT',
      message: expect.stringContaining('index.lock') as string,
    })
  })
})
