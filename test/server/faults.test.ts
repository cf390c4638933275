import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { type ObjectStore, readAll } from '@art/remote'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startFaultProxy, startRecorder } from './proxy.mjs'
import type { S3Server } from './s3.mjs'
import { describeWithServer, IMPATIENT, storeOf } from './store.ts'

type Proxy = Awaited<ReturnType<typeof startFaultProxy>>

const MIB = 1 << 20

describeWithServer('a network that fails', (start, strict) => {
  let server: S3Server
  let proxy: Proxy
  let store: ObjectStore
  const body = randomBytes(3 * MIB)

  beforeAll(async () => {
    server = await start()
    await server.makeBucket('faults')
    proxy = await startFaultProxy(server.endpoint)
    store = await storeOf(server, 'faults', { ...IMPATIENT, endpoint: proxy.endpoint })
    await store.put('whole', body)
  })
  afterEach(() => proxy.heal())
  afterAll(async () => {
    await store?.close?.()
    await proxy?.stop()
    await server?.stop()
  })

  test('a connection that is refused twice is made a third time', async () => {
    proxy.fault({ kind: 'refuse', times: 2 })
    expect((await readAll(store, 'whole')).equals(body)).toBe(true)
  })

  test('a connection that is always refused ends by name, with what to check', async () => {
    proxy.fault({ kind: 'refuse' })
    await expect(readAll(store, 'whole')).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      message: expect.stringContaining('(3 attempts)'),
      hint: expect.stringMatching(/\w/),
    })
    await expect(store.put('never', body)).rejects.toMatchObject({ code: 'REMOTE_UNAVAILABLE' })
  })

  test('a body that is cut goes on where it broke off, in the same version', async () => {
    const ranges: string[] = []
    proxy.fault({ kind: 'cut', after: MIB, times: 2 })
    const read = await readAll(store, 'whole', {
      onEvent: (event) => event.type === 'request' && ranges.push(event.method),
    })
    expect(read.equals(body)).toBe(true)
    expect(ranges).toEqual(['GetObject', 'GetObject', 'GetObject'])
  })

  test('a range that is cut goes on too', async () => {
    proxy.fault({ kind: 'cut', after: 100_000, times: 3 })
    const range = { start: 12_345, end: 2 * MIB }
    expect((await readAll(store, 'whole', { range })).equals(body.subarray(range.start, range.end))).toBe(true)
  })

  test('an object that is written anew while it breaks off is not joined to its old half', async () => {
    await store.put('changing', body)
    proxy.fault({ kind: 'cut', after: MIB, times: 1 })
    const read = async (): Promise<void> => {
      let changed = false
      for await (const _ of store.get('changing')) {
        if (changed) continue
        changed = true
        const behind = await storeOf(server, 'faults')
        await behind.put('changing', randomBytes(body.length))
        await behind.close?.()
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'REMOTE_DAMAGED', path: 'changing' })
  })

  test('a server that stalls before its answer ends in time, by name', async () => {
    proxy.fault({ kind: 'stall' })
    const begun = performance.now()
    await expect(store.head('whole')).rejects.toMatchObject({ code: 'TIMEOUT', hint: expect.stringMatching(/network/) })
    await expect(store.put('stalled', randomBytes(10))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  test('a server that stalls in the middle of a body is asked again for the rest', async () => {
    proxy.fault({ kind: 'stall', after: MIB, times: 2 })
    expect((await readAll(store, 'whole')).equals(body)).toBe(true)
  })

  test('a server that takes half a body and stalls is sent it again', async () => {
    proxy.fault({ kind: 'stall', direction: 'request', after: MIB, times: 1 })
    expect(await store.put('half', body)).toEqual({ created: true })
    expect((await readAll(store, 'half')).equals(body)).toBe(true)
  })

  test('a put that is cut on its way leaves nothing or all, and is repeated', async () => {
    proxy.fault({ kind: 'cut', direction: 'request', after: MIB, times: 2 })
    await store.put('cut', body)
    expect((await readAll(store, 'cut')).equals(body)).toBe(true)
  })

  test('a lost answer is looked up, and the body is not sent again', async () => {
    const methods: string[] = []
    proxy.fault({ kind: 'cut', times: 1 })
    await store.put('lost-answer', body, { onEvent: (event) => event.type === 'request' && methods.push(event.method) })
    expect(methods).toEqual(['PutObject', 'HeadObject'])
    expect((await readAll(store, 'lost-answer')).equals(body)).toBe(true)
  })

  test('a lost answer where another body lies under the name is sent again', async () => {
    await store.put('lost-overwrite', randomBytes(body.length))
    proxy.fault({ kind: 'cut', direction: 'request', after: 2 * MIB, times: 1 })
    await store.put('lost-overwrite', body)
    expect((await readAll(store, 'lost-overwrite')).equals(body)).toBe(true)
  })

  test('a bit that flips on the way up is found by the server', async ({ skip }) => {
    if (!strict) return skip('moto checks no checksum')
    proxy.fault({ kind: 'flip', direction: 'request', after: 2 * MIB, times: 1 })
    await store.put('flipped', body)
    expect((await readAll(store, 'flipped')).equals(body)).toBe(true)
  })

  test('parts of a large upload are repeated one by one', async () => {
    const large = randomBytes(20 * MIB)
    const source = { size: large.length, open: () => [large] }
    const methods: string[] = []
    // The first connection begins the upload.
    proxy.fault({ kind: 'cut', direction: 'request', after: MIB, times: 4 })
    await store.put('large', source, { onEvent: (event) => event.type === 'request' && methods.push(event.method) })
    expect((await readAll(store, 'large')).equals(large)).toBe(true)
    expect(methods.filter((method) => method === 'UploadPart').length).toBeGreaterThan(3)
    expect(methods).not.toContain('AbortMultipartUpload')
  })

  test('an upload that fails leaves no parts behind', async () => {
    const { ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3')
    const source = {
      size: 20 * MIB,
      *open() {
        yield randomBytes(16 * MIB)
        throw new Error('the disk is gone')
      },
    }
    await expect(store.put('torn', source)).rejects.toThrow('the disk is gone')
    const client = await server.client()
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'faults', Prefix: 'torn' }))
    expect(Uploads).toEqual([])
  })
})

test('nobody listening is said so at once where retries wait for nothing', async () => {
  const gone = await startRecorder(() => ({}))
  await gone.stop()
  const store = await storeAt(gone.endpoint)
  await expect(store.head('x')).rejects.toMatchObject({
    code: 'REMOTE_UNAVAILABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  })
  await store.close?.()
})

test.each([
  ['a shorter body than announced', { 'content-length': '100' }, 'x'.repeat(50), 'REMOTE_UNAVAILABLE'],
  ['another range than asked for', { 'content-range': 'bytes 50-149/1000' }, 'x'.repeat(100), 'REMOTE_REFUSED'],
  ['a whole object for a range', {}, 'x'.repeat(1000), 'REMOTE_REFUSED'],
  ['too long a body for a range', { 'content-range': 'bytes 0-99/1000' }, 'x'.repeat(500), 'REMOTE_REFUSED'],
  ['a range that ends early', { 'content-range': 'bytes 0-49/50' }, 'x'.repeat(50), 'REMOTE_DAMAGED'],
])('a server that lies with %s is caught', async (_, headers, body, code) => {
  const server = http.createServer((_request, response) => {
    response.writeHead('content-range' in headers ? 206 : 200, { 'content-length': String(body.length), ...headers })
    response.write(body)
    // Without this the client would wait for the rest.
    response.socket?.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const store = await storeAt(`http://127.0.0.1:${port}`)
  const range = body.length === 50 && code === 'REMOTE_UNAVAILABLE' ? undefined : { start: 0, end: 100 }
  await expect(readAll(store, 'x', range && { range })).rejects.toMatchObject({ code })
  await store.close?.()
  server.closeAllConnections()
  server.close()
})

test.each([
  [503, 'SlowDown', 'REMOTE_UNAVAILABLE', 3],
  [500, 'InternalError', 'REMOTE_UNAVAILABLE', 3],
  [409, 'OperationAborted', 'REMOTE_UNAVAILABLE', 3],
  [403, 'RequestTimeTooSkewed', 'REMOTE_AUTH', 3],
  [403, 'InvalidObjectState', 'REMOTE_REFUSED', 1],
  [400, 'ExpiredToken', 'REMOTE_AUTH', 1],
  [301, 'PermanentRedirect', 'REMOTE_REFUSED', 1],
  [507, 'XMinioStorageFull', 'DISK_FULL', 1],
  [418, 'Teapot', 'REMOTE_REFUSED', 1],
])('%i %s becomes %s after %i attempts', async (status, name, code, attempts) => {
  const body = `<?xml version="1.0"?><Error><Code>${name}</Code><Message>no</Message></Error>`
  const server = await startRecorder(() => ({ status, body, headers: { 'content-type': 'application/xml' } }))
  const store = await storeAt(server.endpoint)
  await expect(readAll(store, 'x')).rejects.toMatchObject({ code, path: 'x', hint: expect.stringMatching(/\w/) })
  expect(server.requests).toHaveLength(attempts)
  await store.close?.()
  await server.stop()
})

test('a web server that is no S3 server is named as such', async () => {
  const server = await startRecorder(() => ({ body: '<html><body>Hello', headers: { 'content-type': 'text/html' } }))
  const store = await storeAt(server.endpoint)
  const list = async (): Promise<void> => {
    for await (const _ of store.list('')) continue
  }
  await expect(list()).rejects.toMatchObject({ code: 'REMOTE_REFUSED' })
  await store.close?.()
  await server.stop()
})

async function storeAt(endpoint: string): Promise<ObjectStore> {
  const { openStore } = await import('@art/remote')
  return openStore('s3://bucket', { ...IMPATIENT, endpoint, accessKeyId: 'key', secretAccessKey: 'secret-of-mine' })
}
