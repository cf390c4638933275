import { randomBytes } from 'node:crypto'
import { isArtError } from '@art/core'
import { type ObjectStore, openStore, probeStore, readAll } from '@art/remote'
import {
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, SERVERS } from './s3.mjs'
import { describeWithServer, IMPATIENT, storeOf } from './store.ts'

const SECRET = 'not-the-secret-of-anybody'

async function failureOf(store: ObjectStore, call: (store: ObjectStore) => Promise<unknown>): Promise<unknown> {
  try {
    await call(store)
  } catch (error) {
    return error
  } finally {
    await store.close?.()
  }
  throw new Error('it worked')
}

async function list(store: ObjectStore): Promise<void> {
  for await (const _ of store.list('')) continue
}

describeWithServer('who may', (start, strict) => {
  let server: S3Server
  beforeAll(async () => {
    server = await start()
    await server.makeBucket('access')
    const store = await storeOf(server, 'access')
    await store.put('there', randomBytes(10))
    await store.close?.()
  })
  afterAll(() => server?.stop())

  const unless = strict ? '' : ' (moto checks no signature)'

  test.skipIf(!strict).each([
    ['get', (store: ObjectStore) => readAll(store, 'there')],
    ['put', (store: ObjectStore) => store.put('new', randomBytes(2_000_000))],
    ['list', list],
  ])(`a wrong secret at %s is REMOTE_AUTH, and appears nowhere${unless}`, async (_, call) => {
    const error = await failureOf(await storeOf(server, 'access', { secretAccessKey: SECRET }), call)
    expect(error).toMatchObject({ code: 'REMOTE_AUTH', hint: expect.stringContaining('secret') })
    expect(everythingIn(error)).not.toContain(SECRET)
  })

  test.skipIf(!strict)(`a wrong key is REMOTE_AUTH${unless}`, async () => {
    const error = await failureOf(await storeOf(server, 'access', { accessKeyId: 'nobody' }), list)
    expect(error).toMatchObject({ code: 'REMOTE_AUTH', hint: expect.stringContaining('access key') })
  })

  test.each([
    ['get', (store: ObjectStore) => readAll(store, 'there')],
    ['put', (store: ObjectStore) => store.put('new', randomBytes(10))],
    ['large put', (store: ObjectStore) => store.put('new', { size: 20 << 20, open: () => [randomBytes(20 << 20)] })],
    ['list', list],
    ['delete', (store: ObjectStore) => store.delete(['there', 'too'])],
  ])('a bucket that is not there at %s is REMOTE_NOT_FOUND, and named', async (_, call) => {
    const error = await failureOf(await storeOf(server, 'no-such-bucket-here'), call)
    expect(error).toMatchObject({ code: 'REMOTE_NOT_FOUND', message: expect.stringContaining('no-such-bucket-here') })
  })

  test('events name requests and never a credential', async () => {
    const events: unknown[] = []
    const store = await storeOf(server, 'access')
    await readAll(store, 'there', { onEvent: (event) => events.push(event) })
    await store.close?.()
    expect(events).toMatchObject([{ type: 'request', method: 'GetObject', key: 'there', status: 200 }])
    expect(JSON.stringify(events)).not.toContain(server.secretAccessKey)
  })

  test('a check of the remote finds everything in order and leaves nothing', async () => {
    const store = await storeOf(server, 'access/probed')
    const probe = await probeStore(store)
    expect(probe).toMatchObject({ ok: true, writable: true, conditionalPut: true })
    expect(probe.steps.map(({ name }) => name)).toContain('expiry rules')
    for await (const { key } of store.list('')) throw new Error(`${key} was left`)
    await store.close?.()
  })

  test('a check of a bucket that is not there says so and does not throw', async () => {
    const store = await storeOf(server, 'no-such-bucket-here')
    const probe = await probeStore(store)
    expect(probe).toMatchObject({ ok: false, writable: false, steps: [{ name: 'list', ok: false }] })
    await store.close?.()
  })
})

/** Every text that a careless logger could print. */
function everythingIn(error: unknown, depth = 0): string {
  if (depth > 5 || typeof error !== 'object' || error === null) return String(error)
  return Reflect.ownKeys(error)
    .map((key) => everythingIn((error as Record<PropertyKey, unknown>)[key], depth + 1))
    .join(' ')
}

for (const { name, start, installed } of SERVERS.filter((server) => server.name !== 'moto')) {
  if (!installed()) {
    describe(name, () => test.skip('is not installed: run node test/server/install.mjs', () => {}))
    continue
  }
  describe(`a public bucket of ${name}`, () => {
    let server: S3Server
    beforeAll(async () => {
      server = await start()
      await server.makeBucket('public')
      const store = await storeOf(server, 'public')
      await store.put('there', Buffer.from('hello'))
      await store.close?.()
      const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Principal: '*', Action, Resource })
      const Statement = [allow('s3:GetObject', 'arn:aws:s3:::public/*'), allow('s3:ListBucket', 'arn:aws:s3:::public')]
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
      await (await server.client()).send(new PutBucketPolicyCommand({ Bucket: 'public', Policy }))
    })
    afterAll(() => server?.stop())

    const anonymous = (): Promise<ObjectStore> => {
      return openStore('s3://public', { ...IMPATIENT, endpoint: server.endpoint, anonymous: true })
    }

    test('is read without credentials, and is not written', async () => {
      const store = await anonymous()
      expect(String(await readAll(store, 'there'))).toBe('hello')
      await list(store)
      expect(await store.head('absent')).toBeUndefined()
      for (const write of [
        () => store.put('new', randomBytes(10)),
        () => store.put('new', { size: 20 << 20, open: () => [randomBytes(20 << 20)] }),
        () => store.delete(['there']),
        () => store.delete(['there', 'absent']),
      ]) {
        await expect(write()).rejects.toSatisfy((error) => isArtError(error, 'REMOTE_READ_ONLY'))
      }
      await store.close?.()
    })

    test('is found readable and not writable by a check', async () => {
      const store = await anonymous()
      const probe = await probeStore(store)
      expect(probe).toMatchObject({ ok: true, writable: false })
      await store.close?.()
    })

    test('rules that delete by age are warned about, and versions are mentioned', async ({ skip }) => {
      const client = await server.client()
      const rule = { ID: 'old-things', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 30 } } as const
      const lifecycle = { Bucket: 'public', LifecycleConfiguration: { Rules: [rule] } }
      const known = await client.send(new PutBucketLifecycleConfigurationCommand(lifecycle)).then(
        () => true,
        () => false,
      )
      if (!known) return skip(`${name} has no lifecycle rules`)
      const store = await storeOf(server, 'public')
      await client.send(
        new PutBucketVersioningCommand({ Bucket: 'public', VersioningConfiguration: { Status: 'Enabled' } }),
      )
      const { steps, ok } = await probeStore(store)
      expect(ok).toBe(false)
      expect(steps.find((step) => step.name === 'expiry rules')?.detail).toContain('old-things')
      expect(steps.find((step) => step.name === 'versioning')?.detail).toContain('on:')
      await store.close?.()
    })
  })
}
