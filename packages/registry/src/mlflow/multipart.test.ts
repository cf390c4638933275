import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { mlflowClient } from './client.ts'
import { multipartUpload, partSizes } from './multipart.ts'
import { type FakeServer, fakeServer, json, noDelay, type Received } from './temporary-server.ts'

let mlflow: FakeServer
let bucket: FakeServer
let warned: string[]
beforeEach(async () => {
  mlflow = await fakeServer()
  bucket = await fakeServer()
  warned = []
})
afterEach(async () => {
  await mlflow.close()
  await bucket.close()
})

const MiB = 1 << 20
const size = 250 * MiB

/** A file of zeros, of which no more than a piece is in memory. */
const body = {
  size,
  async *open(start = 0, end = size) {
    const piece = Buffer.alloc(MiB)
    for (let at = start; at < end; at += MiB) yield piece.subarray(0, Math.min(MiB, end - at))
  },
}

function offersParts({ path }: Received, response: ServerResponse): void {
  if (!path.includes('/mpu/create/')) return json(response, {})
  const part = (number: number): object => ({
    part_number: number,
    url: `${bucket.url}/part?number=${number}`,
    headers: { 'x-signed': 'yes', 'bad header': 'x' },
  })
  json(response, { upload_id: 'u', credentials: [part(1), part(2), part(3)] })
}

async function upload(): Promise<boolean> {
  const client = await mlflowClient(mlflow.at({ MLFLOW_TRACKING_TOKEN: 't' }), {
    patience: { ...noDelay(), attempts: 2 },
    onEvent: (event) => event.type === 'warning' && warned.push(event.message),
  })
  return await multipartUpload(client, '1/r/artifacts/model/net.pth', body)
}

it('sends the parts of a large file where the server says, without credentials of ours', async () => {
  mlflow.answer = offersParts
  bucket.answer = ({ path }, response) => response.writeHead(200, { etag: `"${path.slice(-1)}"` }).end()
  expect(await upload()).toBe(true)
  expect(bucket.received.map(({ body: { length } }) => length)).toEqual([100 * MiB, 100 * MiB, 50 * MiB])
  for (const { headers } of bucket.received) {
    expect(headers).toMatchObject({ 'x-signed': 'yes' })
    expect(headers).not.toHaveProperty('authorization')
  }
  const last = mlflow.received.at(-1)!
  expect(last.path).toBe('/api/2.0/mlflow-artifacts/mpu/complete/1/r/artifacts/model')
  expect(JSON.parse(last.body.toString())).toMatchObject({
    path: 'net.pth',
    upload_id: 'u',
    parts: [
      { part_number: 1, etag: '"1"' },
      { part_number: 2, etag: '"2"' },
      { part_number: 3, etag: '"3"' },
    ],
  })
})

it('gives the parts up where one is refused', async () => {
  mlflow.answer = offersParts
  bucket.answer = ({ path }, response) => response.writeHead(path.endsWith('2') ? 400 : 200).end()
  await expect(upload()).rejects.toMatchObject({ code: 'REMOTE_REFUSED' })
  expect(mlflow.received.at(-1)!.path).toContain('/mpu/abort/')
})

it('sends all through the server where this machine cannot reach the bucket, and says so', async () => {
  mlflow.answer = offersParts
  await bucket.close()
  expect(await upload()).toBe(false)
  expect(mlflow.received.at(-1)!.path).toContain('/mpu/abort/')
  expect(warned).toEqual([
    expect.stringMatching(/^net\.pth goes through the MLflow server: http:.*takes none from here$/),
  ])
})

it('has the sizes that MLflow is told by its own variables', () => {
  expect(partSizes({})).toEqual({ from: 500 * MiB, size: 100 * MiB })
  expect(
    partSizes({
      MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: '1000',
      MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE: '1000',
    }),
  ).toEqual({ from: 1000, size: 5 * MiB })
  expect(partSizes({ MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: 'false' }).from).toBe(Infinity)
})

it('is not for a server that takes none', async () => {
  mlflow.answer = (_, response) => json(response, { error_code: 'NOT_IMPLEMENTED', message: 'x' }, 501)
  expect(await upload()).toBe(false)
})
