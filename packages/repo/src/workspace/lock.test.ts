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
