import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mountTmpfs } from '@art/core/temporary-mount.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { withLock } from './lock.ts'

test('a workspace that cannot be written to is said to be so at once', async (context) => {
  const mounted = mountTmpfs('4m')
  if (typeof mounted === 'string') return context.skip(mounted)
  const place = await TemporaryRepo.create()
  try {
    const repo = { ...(await place.open()), tmpDir: join(mounted.path, 'tmp') }
    expect(await withLock(repo, async () => 'done')).toBe('done')
    mounted.remount('ro')
    await expect(withLock(repo, async () => 'done')).rejects.toMatchObject({
      code: 'PERMISSION',
      path: repo.tmpDir,
      message: 'read-only file system',
    })
  } finally {
    mounted.unmount()
    place.remove()
  }
})

test('of several that find the lock of a killed command only one takes it away', async () => {
  const place = await TemporaryRepo.create()
  try {
    const repo = await place.open()
    let inside = 0
    let most = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside)
      await new Promise(setImmediate)
      inside--
    }
    await withLock(repo, work)
    mkdirSync(join(repo.tmpDir, 'lock'))
    const gone = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(join(repo.tmpDir, 'lock-owner'), `${gone} ${hostname()}`)
    await Promise.all([1, 2, 3].map(() => withLock(repo, work)))
    expect(most).toBe(1)
    expect(readdirSync(repo.tmpDir).filter((name) => name.startsWith('lock'))).toEqual([])
  } finally {
    place.remove()
  }
})
