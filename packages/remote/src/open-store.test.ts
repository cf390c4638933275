import path from 'node:path'
import { expect, test } from 'vitest'
import { openStore, parseStoreUrl } from './open-store.ts'

test.each([
  ['/data/store', { kind: 'directory', root: '/data/store' }],
  ['file:///data/my%20store', { kind: 'directory', root: '/data/my store' }],
  ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { kind: 's3', bucket: 'bucket', prefix: '' }],
  ['S3://my.bucket-1/a/b c/', { kind: 's3', bucket: 'my.bucket-1', prefix: 'a/b c' }],
])('%s', (url, place) => {
  expect(parseStoreUrl(url)).toEqual(place)
})

test('a relative path is taken from the current folder', () => {
  expect(parseStoreUrl('../store')).toEqual({ kind: 'directory', root: path.resolve('../store') })
})

test.each(['gs://bucket', 'https://host/x', 'ssh://host/x', 'foo:bar'])(
  '%s is unsupported, and what is supported is said',
  async (url) => {
    await expect(openStore(url)).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('s3://') })
  },
)

test.each(['', 's3://', 's3:///x', 's3:bucket', 's3://b/../c', 'file://host/x', 'a\0b'])(
  '%j is no place',
  async (url) => {
    await expect(openStore(url)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  },
)

test.each([
  { endpoint: 'nonsense' },
  { endpoint: 'ftp://host' },
  { endpoint: 'http://user:secret@host' },
  { accessKeyId: 'only-the-key' },
])('%j cannot be', async (options) => {
  const failed = openStore('s3://bucket', options)
  await expect(failed).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.not.stringContaining('secret@'),
  })
})

test('a url says what was opened', async () => {
  const s3 = await openStore('s3://bucket/a/b/', { region: 'eu-west-1' })
  expect(s3.url).toBe('s3://bucket/a/b')
  expect(s3.capabilities).toEqual({ conditionalPut: true, local: false })
  const directory = await openStore('/data/my store')
  expect(directory.url).toBe('file:///data/my%20store')
  expect(directory.capabilities.local).toBe(true)
})
