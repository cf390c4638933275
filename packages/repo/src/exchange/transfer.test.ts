import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { sha256, toHex } from '@art/core'
import { cacheLayout, ensureCache } from '@art/core/cache/layout.ts'
import { PackWriter } from '@art/core/cache/pack-writer.ts'
import { encodeNode } from '@art/core/tree/node.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from '../verb/add.ts'
import { fetch } from '../verb/fetch.ts'
import { push } from '../verb/push.ts'
import { remoteAdd } from '../verb/remote.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
  await remoteAdd(await made.open(), 'store', join(made.base, 'remote'), { default: true })
})
afterEach(() => made.remove())

describe('a transfer', () => {
  it('counts artifacts as status does, though two have one content', async () => {
    for (const path of ['a', 'b', 'c']) made.write(path, path === 'c' ? 'other' : 'same')
    await add(await made.open(), ['a', 'b', 'c'])
    const expected = { artifacts: 3, files: 3, bytes: { logical: 13 }, failed: [] }
    expect(await push(await made.open(), [])).toMatchObject(expected)
    rmSync(join(made.root, '.art/cache'), { recursive: true })
    expect(await fetch(await made.open(), [])).toMatchObject(expected)
  })

  it('of a part of a directory says that there is none of its name', async () => {
    made.write('data/x/1', 'one')
    await add(await made.open(), ['data'])
    await push(await made.open(), [])
    rmSync(join(made.root, '.art/cache'), { recursive: true })
    expect(await fetch(await made.open(), ['data/x'])).toMatchObject({ artifacts: 1, files: 1, failed: [] })
    for (let i = 0; i < 2; i++) {
      const { failed, artifacts, files, bytes } = await fetch(await made.open(), ['data/nothing'])
      expect(failed).toMatchObject([{ path: 'data/nothing', code: 'NOT_FOUND' }])
      expect([artifacts, files, bytes.logical]).toEqual([0, 0, 0])
    }
  })

  it('names every tree that cannot be read, and sends the rest', async () => {
    made.write('good', 'good')
    await add(await made.open(), ['good'])
    const layout = cacheLayout(join(made.root, '.art/cache'))
    ensureCache(layout)
    const writer = new PackWriter(layout)
    for (const [i, path] of ['bad1', 'bad2'].entries()) {
      const entry = { name: 'a', kind: 'd' as const, executable: false, size: 0, oid: sha256(Buffer.from('no node')) }
      const node = Buffer.concat([encodeNode(0, [entry]), Buffer.alloc(i + 1)])
      writer.append(sha256(node), node)
      await made.pointer(path, 'a', { kind: 'd', oid: toHex(sha256(node)), size: 0, files: 1 })
    }
    await writer.finish()
    const { failed } = await push(await made.open(), [])
    expect(failed.map(({ path, code }) => [path, code])).toEqual([
      ['bad1', 'CORRUPT'],
      ['bad2', 'CORRUPT'],
    ])
    rmSync(join(made.root, '.art/cache'), { recursive: true })
    expect((await fetch(await made.open(), ['good'])).failed).toEqual([])
  })
})

describe('add', () => {
  it.skipIf(process.platform === 'win32').each(['.gitignore', 'sub/.gitignore', '.artignore'])(
    'does not wait for a FIFO called %s',
    async (file) => {
      made.write('sub/data/x', 'x')
      execFileSync('mkfifo', [join(made.root, file)])
      const repo = await made.open()
      const adding = add(repo, ['sub/data']).then(({ failed }) => {
        if (failed[0] !== undefined) throw failed[0]
      })
      await expect(adding).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    },
  )
})
