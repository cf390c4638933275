import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { TwoMachines } from '@art/remote/transfer/two-machines.ts'
import type { S3Server } from './s3.mjs'
import { describeWithServer, storeOf } from './store.ts'

const MB = 1_000_000

describeWithServer('a file that is read by ranges over HTTP', (start) => {
  let server: S3Server
  let machines: TwoMachines
  beforeAll(async () => {
    server = await start()
  })
  beforeEach(async () => {
    machines = await TwoMachines.start()
  })
  afterEach(() => machines.close())
  afterAll(() => server.stop())

  it('gives what was announced, several requests at a time, and fetches nothing else', async () => {
    await server.makeBucket('ranges')
    const store = await storeOf(server, 'ranges')
    const bytes = randomBytes(24 * MB)
    const target = await machines.addFile('model', bytes)
    await machines.push([target], store, machines.here, true)
    const file = await machines.openFile(target, { store })
    const ranges = Array.from({ length: 8 }, (_, i) => ({ offset: i * 3 * MB, length: MB }))
    file.expect(ranges)
    for (const { offset, length } of ranges)
      expect(bytes.subarray(offset, offset + length).equals(await file.read(offset, length))).toBe(true)
    expect(file.received.transferred).toBeGreaterThan(8 * MB)
    expect(file.received.transferred).toBeLessThan(8 * (MB + (256 << 10)))
    // What is given up halfway lets go of its connections.
    file.expect([{ offset: 0, length: bytes.length }])
    await file.close()
    await store.close?.()
  })
})
