import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ByteSource } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { keysOf, type Made } from './material.ts'

/** Every call ends where its signal says so. */
export function testInterruption(at: Made): void {
  test('an aborted signal ends every call', async () => {
    await at.store.put('abort/one', randomBytes(1000))
    const signal = AbortSignal.abort(new Error('enough'))
    const interrupted = { code: 'INTERRUPTED' }
    await expect(at.store.head('abort/one', { signal })).rejects.toMatchObject(interrupted)
    await expect(readAll(at.store, 'abort/one', { signal })).rejects.toMatchObject(interrupted)
    await expect(at.store.put('abort/two', randomBytes(10), { signal })).rejects.toMatchObject(interrupted)
    await expect(keysOf(at.store, 'abort/', signal)).rejects.toMatchObject(interrupted)
    await expect(at.store.delete(['abort/one'], { signal })).rejects.toMatchObject(interrupted)
    expect(await keysOf(at.store, 'abort/')).toEqual(['abort/one'])
  })

  test('an abort in the middle of a put leaves no object', async () => {
    const controller = new AbortController()
    const body: ByteSource = {
      size: 40 << 20,
      *open() {
        for (let part = 0; part < 40; part++) {
          if (part === 20) controller.abort()
          yield randomBytes(1 << 20)
        }
      },
    }
    const put = at.store.put('abort/three', body, { signal: controller.signal })
    await expect(put).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(await at.store.head('abort/three')).toBeUndefined()
  })

  test('an abort in the middle of a get ends it', async () => {
    await at.store.put('abort/four', randomBytes(8 << 20))
    const controller = new AbortController()
    const read = async (): Promise<void> => {
      for await (const _ of at.store.get('abort/four', { signal: controller.signal })) controller.abort()
    }
    await expect(read()).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
}
