import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { readModel } from '@art/checkpoint/format/read.ts'
import { push } from '../verb/push.ts'
import { remoteAdd } from '../verb/remote.ts'
import { configSet } from '../verb/config.ts'
import { show } from '../verb/show.ts'
import { withSession } from '../workspace/session.ts'
import { findModel } from './find.ts'
import { differenceBetween } from './difference.ts'
import { withPlace } from './place.ts'
import { withRemoteContents } from './remote.ts'
import { addOne, made, put, useRepository } from './temporary-models.ts'
import { safetensorsBytes } from './temporary-safetensors.ts'

useRepository()

/** A clone without contents, of directories whose tables nobody sent. */
beforeEach(async () => {
  await configSet(await made.open(), 'project', 'models.facts', 'off')
  put('llm', 'safetensors/sharded')
  made.write('llm/sub/notes.txt', 'x')
  put('one/model.safetensors', safetensorsBytes({ w: 1 << 19, v: 1 << 18 }, { epoch: '7' }))
  for (let i = 0; i < 40; i++) put(`one/data/${i}.bin`, randomBytes(50_000))
  for (const path of ['llm', 'one']) await addOne(path)
  made.commit()
  await remoteAdd(await made.open(), 'origin', join(made.base, 'store'), { default: true })
  await push(await made.open(), [])
  for (const path of ['.art/cache', 'llm', 'one']) rmSync(join(made.root, path), { recursive: true })
})

const told = async (name: string) => await show(name, { cwd: made.root, environment: made.environment })

describe('a directory whose content is only on the remote', () => {
  it('is read by ranges: its shards, or the file that it holds', async () => {
    const { from, here, tensors } = await told('llm')
    expect({ from, here }).toEqual({ from: 'remote', here: false })
    expect(tensors.length).toBeGreaterThan(1)
    expect(await told('one')).toMatchObject({ from: 'remote', here: false, epoch: 7, format: 'safetensors' })
    expect(await told('HEAD:one')).toMatchObject({ from: 'remote', epoch: 7 })
  })

  it('has files that are models, too', async () => {
    expect(await told('one/model.safetensors')).toMatchObject({ from: 'remote', here: false, epoch: 7 })
    expect(await told('HEAD:one/model.safetensors')).toMatchObject({ from: 'remote', epoch: 7 })
    await expect(told('llm/sub/notes.txt')).rejects.toMatchObject({ code: 'NOT_CACHED', path: 'llm/sub/notes.txt' })
    await expect(told('one/other.safetensors')).rejects.toMatchObject({
      code: 'NOT_CACHED',
      path: 'one/other.safetensors',
    })
  })

  it('is compared with another without being fetched', async () => {
    put('other.safetensors', safetensorsBytes({ w: 1 << 19, v: 1 << 17 }, { epoch: '8' }))
    const difference = await withPlace({ cwd: made.root, environment: made.environment }, async (place) =>
      differenceBetween(
        await findModel(place.session, made.root, 'one/model.safetensors'),
        await findModel(place.session, made.root, 'other.safetensors'),
        place,
      ),
    )
    expect(difference.from).toEqual({ before: 'remote', after: 'file' })
    expect(difference.tensors.map(({ kind, name }) => [kind, name])).toEqual([
      ['unknown', 'w'],
      ['reshaped', 'v'],
    ])
  })

  it('gives the bytes of a tensor, and little more is received', async () => {
    await withSession(await made.open(), {}, async (session) => {
      const model = await findModel(session, made.root, 'one')
      expect(await model.open()).toBeUndefined()
      await withRemoteContents(session, {}, async (remote) => {
        const content = (await model.open(remote))!
        const { tensors } = (await readModel(content.source))!
        const { storage } = tensors.find(({ name }) => name === 'v')!
        const expected = safetensorsBytes({ w: 1 << 19, v: 1 << 18 }, { epoch: '7' })
        const bytes = await storage!.source.read(storage!.offset, 1000)
        expect(expected.subarray(storage!.offset, storage!.offset + 1000).equals(bytes)).toBe(true)
        expect(content.remote!.received.transferred).toBeLessThan(1_000_000)
        await content.close()
      })
    })
  })
})
