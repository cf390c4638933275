import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type ObjectStore, openStore, readAll, type StoreOptions } from '@art/remote'
import { afterEach, expect, test, vi } from 'vitest'
import { type RecordedRequest, startRecorder } from './proxy.mjs'
import { IMPATIENT } from './store.ts'

// What the servers at hand cannot do (KMS, roles, web identity, no conditional writes, no checksums) is checked by what goes over the wire.

afterEach(() => vi.unstubAllEnvs())

const KEY = { accessKeyId: 'own-key', secretAccessKey: 'own-secret' }

async function against(
  answer: Parameters<typeof startRecorder>[0],
  options: StoreOptions,
  act: (store: ObjectStore, endpoint: string) => Promise<unknown>,
): Promise<RecordedRequest[]> {
  const server = await startRecorder(answer)
  const store = await openStore('s3://bucket/prefix', { ...IMPATIENT, endpoint: server.endpoint, ...options })
  try {
    await act(store, server.endpoint)
  } finally {
    await store.close?.()
    await server.stop()
  }
  return server.requests
}

const echo = ({ headers }: RecordedRequest) => ({
  headers: {
    etag: '"x"',
    ...(headers['x-amz-checksum-crc32'] && { 'x-amz-checksum-crc32': String(headers['x-amz-checksum-crc32']) }),
  },
})

const error = (status: number, code: string) => ({
  status,
  body: `<Error><Code>${code}</Code><Message>no</Message></Error>`,
  headers: { 'content-type': 'application/xml' },
})

test.each([
  [{ sse: 'AES256' as const }, 'AES256', undefined],
  [{ sse: 'aws:kms' as const, sseKmsKeyId: 'arn:key' }, 'aws:kms', 'arn:key'],
  [{ sseKmsKeyId: 'arn:key' }, 'aws:kms', 'arn:key'],
  [{}, undefined, undefined],
])('encryption %j is asked for with each put', async (options, algorithm, key) => {
  const [put] = await against(echo, { ...KEY, ...options }, (store) => store.put('a', Buffer.from('x')))
  expect(put?.headers['x-amz-server-side-encryption']).toBe(algorithm)
  expect(put?.headers['x-amz-server-side-encryption-aws-kms-key-id']).toBe(key)
})

test('a put is one request, signed, with a checksum that is part of the signature', async () => {
  const requests = await against(echo, KEY, (store) => store.put('a', Buffer.from('x')))
  expect(requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({ method: 'PUT', url: '/bucket/prefix/a?x-id=PutObject' })
  expect(requests[0]?.headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-checksum-crc32/)
  expect(requests[0]?.headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD')
  expect(requests[0]?.headers.expect).toBeUndefined()
})

test('a server that does not check the checksum gets the sha256 in the signature, from then on', async () => {
  const requests = await against(
    () => ({ headers: { etag: '"x"' } }),
    KEY,
    async (store) => {
      expect(await store.put('a', Buffer.from('x'), { ifNoneMatch: '*' })).toEqual({ created: true })
      await store.put('b', Buffer.from('x'))
    },
  )
  const hashes = requests.map(({ headers }) => headers['x-amz-content-sha256'])
  const signed = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
  expect(hashes).toEqual(['UNSIGNED-PAYLOAD', signed, signed])
  expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual(['*', undefined, undefined])
})

test('a server that refuses unsigned bodies gets signed ones', async () => {
  const answer = ({ headers }: RecordedRequest) =>
    headers['x-amz-content-sha256'] === 'UNSIGNED-PAYLOAD' ? error(400, 'InvalidRequest') : {}
  const requests = await against(answer, KEY, (store) => store.put('a', Buffer.from('x')))
  expect(requests).toHaveLength(2)
})

test('a server without conditional writes is asked first and then written to', async () => {
  const answer = (request: RecordedRequest) => {
    if (request.headers['if-none-match']) return error(501, 'NotImplemented')
    return request.method === 'HEAD' ? { status: 404 } : echo(request)
  }
  const requests = await against(answer, KEY, async (store) => {
    expect(await store.put('a', Buffer.from('x'), { ifNoneMatch: '*' })).toEqual({ created: true })
    expect(store.capabilities.conditionalPut).toBe(false)
    await store.put('b', Buffer.from('x'), { ifNoneMatch: '*' })
  })
  expect(requests.map(({ method }) => method)).toEqual(['PUT', 'HEAD', 'PUT', 'HEAD', 'PUT'])
})

test('a conflict between conditional writes is tried again', async () => {
  let conflicts = 2
  const answer = (request: RecordedRequest) =>
    conflicts-- > 0 ? error(409, 'ConditionalRequestConflict') : echo(request)
  const requests = await against(answer, KEY, (store) => store.put('a', Buffer.from('x'), { ifNoneMatch: '*' }))
  expect(requests).toHaveLength(3)
})

test('without bulk deletes objects are deleted one by one', async () => {
  const answer = ({ method }: RecordedRequest) => (method === 'POST' ? error(501, 'NotImplemented') : { status: 204 })
  const requests = await against(answer, KEY, (store) => store.delete(['a', 'b', 'c']))
  expect(requests.map(({ method }) => method)).toEqual(['POST', 'DELETE', 'DELETE', 'DELETE'])
  expect(requests[0]?.headers['content-md5']).toMatch(/^[A-Za-z0-9+/]{22}==$/)
})

test('each key that a bulk delete leaves is named', async () => {
  const left = (key: string, code: string) =>
    `<Error><Key>prefix/${key}</Key><Code>${code}</Code><Message>m</Message></Error>`
  const body = `<DeleteResult>${left('b', 'AccessDenied')}${left('c', 'AccessDenied')}${left('d', 'NoSuchKey')}</DeleteResult>`
  await against(
    () => ({ body, headers: { 'content-type': 'application/xml' } }),
    KEY,
    async (store) => {
      await expect(store.delete(['a', 'b', 'c', 'd'])).rejects.toMatchObject({
        code: 'REMOTE_READ_ONLY',
        details: [{ path: 'b' }, { path: 'c' }],
      })
    },
  )
})

test('a session token travels with the request', async () => {
  const requests = await against(echo, { ...KEY, sessionToken: 'the-token' }, (store) => store.head('a'))
  expect(requests[0]?.headers['x-amz-security-token']).toBe('the-token')
})

test('anonymous requests carry no signature, even where the environment has a key', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'env-key')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'env-secret')
  const requests = await against(echo, { anonymous: true }, (store) => store.head('a'))
  expect(requests[0]?.headers.authorization).toBeUndefined()
})

test('the key of the environment is used where the remote names none, and its endpoint too', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'env-key')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'env-secret')
  vi.stubEnv('AWS_DEFAULT_REGION', 'eu-somewhere-1')
  const server = await startRecorder(echo)
  vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint)
  const store = await openStore('s3://bucket', IMPATIENT)
  await store.head('a')
  expect(server.requests[0]?.headers.authorization).toMatch(/Credential=env-key\/\d+\/eu-somewhere-1\/s3/)
  await store.close?.()
  await server.stop()
})

test('a profile of the AWS files is used', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'art-aws-'))
  writeFileSync(path.join(folder, 'credentials'), '[work]\naws_access_key_id = work-key\naws_secret_access_key = s\n')
  writeFileSync(path.join(folder, 'config'), '[profile work]\nregion = ap-work-1\n')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(folder, 'credentials'))
  vi.stubEnv('AWS_CONFIG_FILE', path.join(folder, 'config'))
  const requests = await against(echo, { profile: 'work' }, (store) => store.head('a'))
  expect(requests[0]?.headers.authorization).toMatch(/Credential=work-key\/\d+\/ap-work-1\/s3/)
  rmSync(folder, { recursive: true })
})

const credentialsOf = (
  action: string,
) => `<${action}Response><${action}Result><Credentials><AccessKeyId>role-key</AccessKeyId>
<SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
</Credentials></${action}Result></${action}Response>`

function securityTokenService(request: RecordedRequest) {
  const action = /Action=(\w+)/.exec(request.body.toString())?.[1]
  if (action === undefined) return echo(request)
  return { body: credentialsOf(action), headers: { 'content-type': 'text/xml' } }
}

test('a role is assumed once, with its external id, and its credentials sign', async () => {
  const sts = await startRecorder(securityTokenService)
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.endpoint)
  const role = { roleArn: 'arn:aws:iam::123456789012:role/art', externalId: 'ours' }
  const requests = await against(echo, { ...KEY, ...role }, async (store) => {
    await store.put('a', Buffer.from('x'))
    await store.head('a')
  })
  expect(sts.requests).toHaveLength(1)
  expect(sts.requests[0]?.body.toString()).toMatch(/RoleArn=arn.*role%2Fart.*/)
  expect(sts.requests[0]?.body.toString()).toContain('ExternalId=ours')
  expect(sts.requests[0]?.headers.authorization).toContain('Credential=own-key/')
  expect(requests.every(({ headers }) => headers['x-amz-security-token'] === 'role-token')).toBe(true)
  expect(requests[0]?.headers.authorization).toContain('Credential=role-key/')
  await sts.stop()
})

test('a web identity token of the environment becomes a role', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'art-web-'))
  writeFileSync(path.join(folder, 'token'), 'the-jwt')
  const sts = await startRecorder(securityTokenService)
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.endpoint)
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', path.join(folder, 'token'))
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/ci')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', '')
  const requests = await against(echo, {}, (store) => store.head('a'))
  expect(sts.requests[0]?.body.toString()).toContain('WebIdentityToken=the-jwt')
  expect(requests[0]?.headers.authorization).toContain('Credential=role-key/')
  await sts.stop()
  rmSync(folder, { recursive: true })
})

test('no credentials anywhere is REMOTE_AUTH with what to set', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, '')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent')
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  await against(echo, {}, async (store) => {
    await expect(readAll(store, 'a')).rejects.toMatchObject({
      code: 'REMOTE_AUTH',
      hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
    })
  })
})
