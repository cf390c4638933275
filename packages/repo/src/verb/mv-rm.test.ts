import { createHash } from 'node:crypto'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parsePointer } from '@art/core/pointer/pointer.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from './add.ts'
import { configSet } from './config.ts'
import { checkout } from './checkout.ts'
import { move } from './mv.ts'
import { remove } from './rm.ts'
import { status } from './status.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
  made.write('m/a.pth', 'data')
  made.write('set/file', 'data')
  await add(await made.open(), ['m/a.pth', 'set'])
  made.commit()
})
afterEach(() => made.remove())

const has = (path: string) => existsSync(join(made.root, path))
const clean = () => made.git('status', '--porcelain', '-uall')

describe('mv', () => {
  it('takes pointer, data and ignore line along, into and out of folders', async () => {
    const comment = `${made.read('m/a.pth.art')}# the good one\n`
    made.write('m/a.pth.art', comment)
    const result = await move(await made.open(), 'm/a.pth', 'new/b.pth')
    expect(result).toMatchObject({ from: 'm/a.pth', to: 'new/b.pth', staged: false })
    expect(result.gitPaths.sort()).toEqual(['m/.gitignore', 'm/a.pth.art', 'new/.gitignore', 'new/b.pth.art'])
    made.git('add', ...result.gitPaths)
    expect([
      has('m/a.pth'),
      has('m/a.pth.art'),
      has('m/.gitignore'),
      made.read('new/b.pth'),
      made.read('new/.gitignore'),
    ]).toEqual([false, false, false, 'data', '/b.pth\n'])
    expect((await parsePointer(made.read('new/b.pth.art'), { path: 'new/b.pth.art' })).oid).toBe(
      createHash('sha256').update('data').digest('hex'),
    )
    expect(made.read('new/b.pth.art')).toContain('# the good one')
    expect(clean()).not.toMatch(/^\?\?|^.[MD]/m)
    await move(await made.open(join(made.root, 'new')), 'b.pth', '..')
    expect(made.read('b.pth')).toBe('data')
    await move(await made.open(), 'set.art', 'new/')
    expect(made.read('new/set/file')).toBe('data')
    await checkout(await made.open(), [])
    made.commit()
    expect(await status(await made.open(), [])).toMatchObject({
      clean: true,
      artifacts: [
        { path: 'b.pth', state: 'ok' },
        { path: 'new/set', state: 'ok' },
      ],
    })
  })

  it('edits only the pointer where the data is absent', async () => {
    renameSync(join(made.root, 'm/a.pth'), join(made.base, 'gone'))
    await move(await made.open(), 'm/a.pth.art', 'm/b.pth.art')
    expect([has('m/b.pth.art'), has('m/a.pth.art'), has('m/b.pth')]).toEqual([true, false, false])
  })

  it('overwrites nothing, and enters neither itself nor a tracked directory', async () => {
    made.write('taken', 'mine')
    made.write('.gitignore', `${made.read('.gitignore')}ignored/\n`)
    const code = async (from: string, to: string) =>
      move(await made.open(), from, to).then(
        () => 'moved',
        (error: { code: string }) => error.code,
      )
    expect(await code('m/a.pth', 'taken')).toBe('WOULD_OVERWRITE')
    expect(await code('m/a.pth', 'set/x')).toBe('OVERLAP')
    expect(await code('set', 'set/x')).toBe('OVERLAP')
    expect(await code('m/a.pth', 'm/a.pth')).toBe('USAGE')
    expect(await code('m/a.pth', '../out')).toBe('PATH_OUTSIDE')
    expect(await code('m/a.pth', '.git/x')).toBe('PATH_UNSAFE')
    expect(await code('m/a.pth', 'ignored/x')).toBe('GIT')
    expect(await code('m', 'n')).toBe('moved')
    expect(await code('taken', 'n')).toBe('NOT_TRACKED')
    expect(await code('set/file', 'x')).toBe('USAGE')
  })

  it('completes a move that was cut short', async () => {
    const before = made.read('m/a.pth.art')
    await move(await made.open(), 'm/a.pth', 'b.pth')
    made.write('m/a.pth.art', before)
    await move(await made.open(), 'm/a.pth', 'b.pth')
    expect([made.read('b.pth'), has('m/a.pth.art')]).toEqual(['data', false])
    made.write('m/a.pth.art', before)
    renameSync(join(made.root, 'b.pth'), join(made.root, 'm/a.pth'))
    await move(await made.open(), 'm/a.pth', 'b.pth')
    expect([made.read('b.pth'), has('m/a.pth'), has('m/a.pth.art')]).toEqual(['data', false, false])
  })

  it('gives the change to git where autostage is on', async () => {
    await configSet(await made.open(), 'local', 'core.autostage', 'true')
    expect((await move(await made.open(), 'm/a.pth', 'b c.pth')).staged).toBe(true)
    expect(clean().split('\n').sort()).toEqual(['D  m/.gitignore', 'M  .gitignore', 'R  m/a.pth.art -> "b c.pth.art"'])
  })
})

describe('rm', () => {
  it('forgets the artifact and keeps its data, visible to git again', async () => {
    const result = await remove(await made.open(), ['m/a.pth'])
    expect(result).toEqual({
      removed: [{ path: 'm/a.pth', pointer: 'm/a.pth.art', dataDeleted: false, dataStays: true }],
      failed: [],
      gitPaths: ['m/.gitignore', 'm/a.pth.art'],
      staged: false,
    })
    expect([has('m/a.pth'), has('m/.gitignore')]).toEqual([true, false])
    expect(clean()).toContain('?? m/a.pth')
    await checkout(await made.open(), [])
    expect(has('m/a.pth')).toBe(true)
  })

  it('deletes data only where the cache holds it, or by force', async () => {
    made.write('m/a.pth', 'new!')
    made.write('set/more', 'new')
    const refused = await remove(await made.open(), ['set', 'm/a.pth'], { outs: true })
    expect(refused.failed.map(({ path, code }) => [path, code])).toEqual([
      ['m/a.pth', 'NOT_CACHED'],
      ['set', 'NOT_CACHED'],
    ])
    expect([has('set/file'), has('set.art'), has('m/a.pth')]).toEqual([true, true, true])
    await add(await made.open(), ['set'])
    expect((await remove(await made.open(), ['set'], { outs: true, dryRun: true })).removed).toHaveLength(1)
    expect(has('set/file')).toBe(true)
    expect((await remove(await made.open(), ['set'], { outs: true })).removed[0]?.dataDeleted).toBe(true)
    expect((await remove(await made.open(), ['m/a.pth'], { outs: true, force: true })).failed).toEqual([])
    expect([has('set'), has('m/a.pth')]).toEqual([false, false])
  })

  it('leaves alone what .artignore keeps out of a directory', async () => {
    made.write('set/.artignore', '*.log\n')
    made.write('set/sub/run.log', 'only here')
    made.write('set/sub/file', 'data')
    await add(await made.open(), ['set'])
    expect((await remove(await made.open(), ['set'], { outs: true })).failed).toEqual([])
    expect([has('set/sub/run.log'), has('set/sub/file'), has('set/.artignore')]).toEqual([true, false, false])
  })

  it('names what it does not know, and parts of a directory', async () => {
    const { failed, removed } = await remove(await made.open(), ['nothing', 'set/file', 'm'])
    expect(failed.map(({ path, code }) => [path, code])).toEqual([
      ['nothing', 'NOT_TRACKED'],
      ['set', 'USAGE'],
    ])
    expect(removed.map(({ path }) => path)).toEqual(['m/a.pth'])
    await expect(remove(await made.open(), [])).rejects.toMatchObject({ code: 'USAGE' })
  })
})
