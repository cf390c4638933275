import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readModel } from '@art/checkpoint/format/read.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from '../verb/add.ts'
import { push } from '../verb/push.ts'
import { remoteAdd, remoteRemove } from '../verb/remote.ts'
import { type Session, withSession } from '../workspace/session.ts'
import { findModel } from './find.ts'
import { withRemoteContents } from './remote.ts'

/** A model of two large tensors and a small one between them. */
function safetensors(): Buffer {
  const entry = (start: number, end: number) => ({ dtype: 'U8', shape: [end - start], data_offsets: [start, end] })
  const json = JSON.stringify({ a: entry(0, 4e6), b: entry(4e6, 4e6 + 1000), c: entry(4e6 + 1000, 8e6) })
  const head = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ')
  head.writeBigUInt64LE(BigInt(head.length - 8))
  head.write(json, 8)
  return Buffer.concat([head, randomBytes(8e6)])
}

let made: TemporaryRepo
const bytes = safetensors()
beforeEach(async () => {
  made = await TemporaryRepo.create()
  writeFileSync(join(made.root, 'model.safetensors'), bytes)
  await add(await made.open(), ['model.safetensors'])
  made.commit()
  await remoteAdd(await made.open(), 'origin', join(made.base, 'store'), { default: true })
  await push(await made.open(), [])
  rmSync(join(made.root, '.art/cache'), { recursive: true })
  rmSync(join(made.root, 'model.safetensors'))
})
afterEach(() => made.remove())

const inSession = async <T>(work: (session: Session) => Promise<T>): Promise<T> =>
  await withSession(await made.open(), {}, work)

describe('a model that is only on the remote', () => {
  it.each(['model.safetensors', 'model.safetensors.art', 'HEAD:model.safetensors'])(
    'is read by ranges: %s',
    async (name) => {
      await inSession(async (session) => {
        const model = await findModel(session, made.root, name)
        expect(await model.open()).toBeUndefined()
        await withRemoteContents(session, {}, async (remote) => {
          const content = (await model.open(remote))!
          const file = (await readModel(content.source))!
          const { storage } = file.tensors.find((tensor) => tensor.name === 'b')!
          expect(
            bytes
              .subarray(storage!.offset)
              .subarray(0, 1000)
              .equals(await storage!.source.read(storage!.offset, 1000)),
          ).toBe(true)
          expect(content.remote!.received.transferred).toBeLessThan(400_000)
          await content.close()
        })
      })
    },
  )

  it('is not asked for where no remote is set up, and one that is not there is named', async () => {
    await inSession(async (session) => {
      const model = await findModel(session, made.root, 'model.safetensors')
      await expect(
        withRemoteContents(session, { remote: 'x' }, async (remote) => await model.open(remote)),
      ).rejects.toMatchObject({ code: 'REMOTE_UNKNOWN', path: 'x' })
    })
    await remoteRemove(await made.open(), 'origin')
    await inSession(async (session) => {
      const model = await findModel(session, made.root, 'model.safetensors')
      expect(await withRemoteContents(session, {}, async (remote) => await model.open(remote))).toBeUndefined()
    })
  })
})
