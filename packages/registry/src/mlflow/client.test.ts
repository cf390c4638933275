import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtError } from '@art/core'
import { mlflowClient, type Client, type ClientOptions } from './client.ts'
import { ensureExperiment } from './experiment.ts'
import { versionsOf } from './registered-model.ts'
import { ensureRun } from './run.ts'
import { trackingServer } from './server.ts'
import { downloadArtifact, proxiedPath, uploadArtifact } from './artifact.ts'
import { type FakeServer, fakeServer, json, noDelay } from './temporary-server.ts'

let fake: FakeServer
beforeEach(async () => void (fake = await fakeServer()))
afterEach(() => fake.close())

const CREDENTIALS = { MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'secret-word' }

function client(options: ClientOptions = {}, environment: NodeJS.ProcessEnv = CREDENTIALS): Promise<Client> {
  const patience = { delay: noDelay().delay, ...options.patience }
  return mlflowClient(fake.at(environment), { ...options, patience })
}

async function failure(promise: Promise<unknown>): Promise<ArtError> {
  return await promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as ArtError,
  )
}

const look = async (from: Client): Promise<string> => await ensureExperiment(from, 'e')

describe('what an MLflow server does wrong is one error that says what to do', () => {
  it('is down', async () => {
    const gone = await client()
    await fake.close()
    const error = await failure(look(gone))
    expect(error).toMatchObject({ code: 'REMOTE_UNAVAILABLE', path: fake.url, retryable: false })
    expect(error.message).toMatch(/cannot be reached.*ECONNREFUSED.*3 attempts/)
  })

  it('never answers', async () => {
    const error = await failure(look(await client({ patience: { answer: 50, attempts: 2 } })))
    expect(error).toMatchObject({ code: 'TIMEOUT', path: fake.url })
    expect(error.hint).toContain('MLFLOW_HTTP_REQUEST_TIMEOUT')
  })

  it('begins an answer and goes to sleep', async () => {
    fake.answer = (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"a"')
    const error = await failure(look(await client({ patience: { answer: 50, attempts: 1 } })))
    expect(error.code).toBe('TIMEOUT')
  })

  it.each([401, 403])('refuses with %i, and no credentials are told', async (status) => {
    fake.answer = ({ headers }, response) =>
      json(response, { error_code: 'PERMISSION_DENIED', message: `no entry with ${headers.authorization}` }, status)
    const error = await failure(look(await client()))
    expect(error.code).toBe('REMOTE_AUTH')
    const basic = Buffer.from('ann:secret-word').toString('base64')
    expect(fake.received[0]!.headers.authorization).toBe(`Basic ${basic}`)
    for (const text of [error.message, error.hint, error.path]) {
      expect(text).not.toContain(basic)
      expect(text).not.toContain('secret-word')
    }
    expect(fake.received).toHaveLength(1)
  })

  it('does not know the host that it is called by', async () => {
    fake.answer = (_, response) =>
      response.writeHead(403).end('Invalid Host header - possible DNS rebinding attack detected')
    const error = await failure(look(await client()))
    expect(error.hint).toContain(`--allowed-hosts ${new URL(fake.url).host}`)
  })

  it.each([
    ['a page', 200, '<!doctype html><title>Sign in</title>'],
    ['a page that is not there', 404, '<html>404</html>'],
    ['text', 200, 'It works!'],
    ['other JSON', 200, '{"hello": "world"}'],
    ['a list', 200, '[]'],
    ['null', 200, 'null'],
  ])('is no MLflow server: %s', async (_, status, body) => {
    fake.answer = (_request, response) => response.writeHead(status).end(body)
    const error = await failure(look(await client()))
    expect(error).toMatchObject({ code: 'REMOTE_UNAVAILABLE', retryable: false })
    expect(error.message).toContain('no MLflow server')
  })

  it('is older than logged models', async () => {
    fake.answer = (_, response) => json(response, { error_code: 'ENDPOINT_NOT_FOUND', message: 'x' }, 404)
    const error = await failure(proxiedPath(await client(), 'models:/m-1'))
    expect(error).toMatchObject({ code: 'REMOTE_FEATURE', path: 'm-1' })
  })

  it('has the experiment in its bin', async () => {
    fake.answer = (_, response) => json(response, { experiment: { experiment_id: '7', lifecycle_stage: 'deleted' } })
    const error = await failure(look(await client()))
    expect(error).toMatchObject({ code: 'REMOTE_REFUSED', path: 'e' })
    expect(error.hint).toContain('mlflow experiments restore --experiment-id 7')
  })

  it('answers without end', async () => {
    fake.answer = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20, 32)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    }
    const error = await failure(look(await client()))
    expect(error).toMatchObject({ code: 'REMOTE_REFUSED' })
    expect(error.message).toContain('16 MiB')
  })

  it('nests its answer without an end', async () => {
    fake.answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(1 << 20))
    const error = await failure(look(await client()))
    expect(error).toMatchObject({ code: 'REMOTE_REFUSED', retryable: false })
    expect(error.message).toContain('nested')
  })

  it('lists models without end', async () => {
    fake.answer = (_, response) =>
      json(response, { model_versions: [{ name: 'm', version: '1' }], next_page_token: 'again' })
    const error = await failure(versionsOf(await client(), 'm'))
    expect(error).toMatchObject({ code: 'REMOTE_REFUSED' })
    expect(fake.received.length).toBeLessThan(4)
  })
})

describe('what passes by itself', () => {
  it('is waited for as the server asks, and then goes on', async () => {
    const { delay, waited } = noDelay()
    fake.answer = (_, response) =>
      fake.received.length < 4
        ? json(response, {}, fake.received.length === 1 ? 429 : 503, { 'retry-after': '7' })
        : json(response, { experiment: { experiment_id: '7' } })
    expect(await look(await client({ patience: { delay } }))).toBe('7')
    expect(waited).toHaveLength(3)
    for (const milliseconds of waited) expect(milliseconds).toBeGreaterThanOrEqual(7000)
  })

  it('is given up where the server asks for an hour, or never recovers', async () => {
    fake.answer = (_, response) => json(response, {}, 503, { 'retry-after': '3600' })
    const error = await failure(look(await client()))
    expect(error.message).toContain('come again in 3600 s')
    expect(fake.received).toHaveLength(1)
    fake.answer = (_, response) => json(response, { error_code: 'INTERNAL_ERROR', message: 'database is locked' }, 500)
    expect((await failure(look(await client()))).message).toMatch(/database is locked.*6 attempts/)
  })

  it('is asked again where another wrote the same at the same time', async () => {
    const said = '(sqlite3.IntegrityError) UNIQUE constraint failed: registered_model_tags.key'
    fake.answer = (_, response) =>
      fake.received.length === 1
        ? json(response, { error_code: 'BAD_REQUEST', message: said }, 400)
        : json(response, { experiment: { experiment_id: '7' } })
    expect(await look(await client())).toBe('7')
  })

  it('makes no second run where the answer to the first got lost', async () => {
    const runs: unknown[] = []
    fake.answer = ({ path }, response) => {
      if (path.endsWith('/runs/search')) return json(response, { runs })
      runs.push({ info: { run_id: 'r1', artifact_uri: 'mlflow-artifacts:/0/r1/artifacts' } })
      response.destroy()
    }
    const wanted = { experiment: '0', name: 'n', startTime: 0, tags: new Map([['art.oid', 'x']]) }
    const run = await ensureRun(await client(), wanted, wanted.tags)
    expect(run.id).toBe('r1')
    expect(runs).toHaveLength(1)
  })
})

describe('files', () => {
  const bytes = randomBytes(300_000)
  const upload = {
    size: bytes.length,
    async *open(start = 0, end = bytes.length) {
      for (let at = start; at < end; at += 65_536) yield bytes.subarray(at, Math.min(end, at + 65_536))
    },
  }

  it('go with their length, and again after a refusal', async () => {
    fake.answer = (_, response) =>
      fake.received.length === 1 ? json(response, {}, 503) : response.writeHead(200).end()
    await uploadArtifact(await client(), '1/r/artifacts/model/a b#%.bin', upload)
    const [, second] = fake.received
    expect(second!.path).toBe('/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/model/a%20b%23%25.bin')
    expect(second!.headers['content-length']).toBe(String(bytes.length))
    expect(second!.body.equals(bytes)).toBe(true)
  })

  it('that are longer or shorter than announced are an error', async () => {
    fake.answer = (_, response) => response.writeHead(200).end(bytes)
    for (const size of [bytes.length - 1, bytes.length + 1]) {
      const error = await failure(drain(await downloadArtifact(await client(), 'x', size)))
      expect(error.code).toBe('CORRUPT')
    }
    const whole = await drain(await downloadArtifact(await client(), 'x', bytes.length))
    expect(whole.equals(bytes)).toBe(true)
  })

  it('come from the server alone: a redirect to another gets nothing of ours', async () => {
    const other = await fakeServer()
    other.answer = (_, response) => json(response, {})
    fake.answer = (_, response) => response.writeHead(302, { location: `${other.url}/x` }).end()
    const error = await failure(downloadArtifact(await client(), 'x', 1))
    expect(error).toMatchObject({ code: 'REMOTE_REFUSED' })
    expect(error.message).toContain(other.url)
    expect((await failure(look(await client()))).code).toBe('REMOTE_REFUSED')
    expect(other.received).toEqual([])
    await other.close()
  })

  it('a redirect within the server is followed a few times', async () => {
    fake.answer = ({ path }, response) =>
      path.endsWith('/y') ? response.writeHead(200).end('x') : response.writeHead(302, { location: '/y' }).end()
    expect((await drain(await downloadArtifact(await client(), 'x', 1))).toString()).toBe('x')
    fake.answer = (_, response) => response.writeHead(302, { location: '/y' }).end()
    expect((await failure(downloadArtifact(await client(), 'x', 1))).code).toBe('REMOTE_REFUSED')
    expect(fake.received.length).toBeLessThan(10)
  })

  it.each([
    ['mlflow-artifacts:/1/r/artifacts', '1/r/artifacts'],
    ['mlflow-artifacts:/1/r/a%20b/', '1/r/a b'],
    ['s3://bucket/1', undefined],
    ['file:///srv/mlruns/1', undefined],
    ['/srv/mlruns/1', undefined],
    ['dbfs:/x', undefined],
  ])('of %s are at %s', async (uri, path) => {
    expect(await proxiedPath(await client(), uri)).toBe(path)
  })

  it('of another server are not asked for', async () => {
    for (const uri of ['mlflow-artifacts://other:5000/1', 'https://other/api/2.0/mlflow-artifacts/artifacts/1'])
      expect((await failure(proxiedPath(await client(), uri))).code).toBe('REMOTE_REFUSED')
    const own = `${fake.url}/api/2.0/mlflow-artifacts/artifacts/1/x`
    expect(await proxiedPath(await client(), own)).toBe('1/x')
  })
})

describe('the address of a server', () => {
  it('may have credentials, which its own variables beat and nothing shows', () => {
    const { base, authorization } = trackingServer('https://u:p%40w@host/prefix/', {})
    expect(base.href).toBe('https://host/prefix/')
    expect(authorization).toBe(`Basic ${Buffer.from('u:p@w').toString('base64')}`)
    const token = { MLFLOW_TRACKING_TOKEN: 't' }
    expect(trackingServer('http://h', token).authorization).toBe('Bearer t')
    expect(trackingServer('http://h', { ...token, ...CREDENTIALS }).authorization).toMatch(/^Basic /)
  })

  it.each(['databricks', 'sqlite:///mlflow.db', '/srv/mlruns', 'file:///x', 'ftp://u:pw@h'])(
    'is not %s',
    async (uri) => {
      const error = await failure((async () => trackingServer(uri, {}))())
      expect(error.code).toBe('USAGE')
      expect(error.path).not.toContain('pw')
    },
  )
})

async function drain(pieces: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces ?? []) all.push(piece)
  return Buffer.concat(all)
}
