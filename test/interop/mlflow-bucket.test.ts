import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MlflowPullResult, MlflowPushResult } from '@art/repo/mlflow-api.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Work } from '../e2e/harness.ts'
import { SERVERS, type S3Server } from '../server/s3.mjs'
import { findMlflow } from './mlflow/place.mjs'
import { openScene, type Scene, sha256 } from './mlflow/scene.ts'

const python = findMlflow()
const bucketServer = SERVERS.find(({ name, installed }) => name !== 'moto' && installed())
const lacking =
  python === undefined || !hasBoto(python)
    ? 'MLflow with boto3 (node test/interop/install.mjs needs Python and PyPI)'
    : bucketServer === undefined
      ? 'an S3 server (node test/server/install.mjs)'
      : undefined

function hasBoto(program: string): boolean {
  try {
    execFileSync(program, ['-c', 'import boto3'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const BUCKET = 'models'
const SIZE = 12 << 20
/** As for MLflow's own client: parts from 6 MiB on, of 5 MiB. */
const PARTS = {
  MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: String(6 << 20),
  MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE: String(5 << 20),
}

describe.skipIf(lacking !== undefined)('an MLflow server that keeps its artifacts in a bucket', () => {
  let s3: S3Server
  let scene: Scene
  const env = (): NodeJS.ProcessEnv => ({
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    MLFLOW_S3_ENDPOINT_URL: s3.endpoint,
  })
  /** A release of 12 MiB. */
  const large = async (of: Scene, name: string): Promise<Work> => {
    const work = await of.place.repository(name)
    work.write('models/net.bin', randomBytes(SIZE))
    await work.ok('add', 'models/net.bin')
    work.write('models.yaml', `models:\n  ${name}: models/net.bin\n`)
    await work.commit('one')
    await work.git('tag', '-a', `${name}@v1.0.0`, '-m', 'x')
    return work
  }
  /** Of the objects below a prefix, by their file names: size, and what the bucket calls the content. */
  const objects = async (prefix: string): Promise<Map<string, { size: number; etag: string }>> => {
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3')
    const { Contents = [] } = await (await s3.client()).send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }),
    )
    return new Map(
      Contents.map(({ Key = '', Size = 0, ETag = '' }) => [Key.split('/').at(-1)!, { size: Size, etag: ETag }]),
    )
  }

  beforeAll(async () => {
    s3 = await bucketServer!.start()
    await s3.makeBucket(BUCKET)
    scene = await openScene(python!, { artifacts: ['--artifacts-destination', `s3://${BUCKET}/served`], env: env() })
    Object.assign(scene.place.env, PARTS)
  })
  afterAll(async () => {
    await scene?.close()
    await s3?.stop()
  })

  it('gets a large file in parts, past the server, and gives it back', async () => {
    const work = await large(scene, 'parts')
    const { stderr } = await work.ok('-v', 'mlflow', 'push', '--artifact', 'file')
    expect(stderr.match(new RegExp(`PUT /${BUCKET}/served/`, 'g'))).toHaveLength(3)
    const sent = (await objects('served/')).get('net.bin')!
    expect(sent.size).toBe(SIZE)
    // As buckets call what was put together of three parts.
    expect(sent.etag).toMatch(/-3"?$/)
    expect((await work.json<MlflowPushResult>('mlflow', 'push', '--artifact', 'file')).releases[0]!.state).toBe(
      'unchanged',
    )
    const taker = await scene.place.repository('parts-taker')
    const { models } = await taker.json<MlflowPullResult>('mlflow', 'pull', 'parts')
    expect(models.map(({ state, path }) => [state, path])).toEqual([['adopted', 'models/parts_v1.0.0.bin']])
    expect(sha256(taker.path('models/parts_v1.0.0.bin'))).toBe(sha256(work.path('models/net.bin')))
  })

  it('gets no damaged bytes, in parts either', async () => {
    const work = await large(scene, 'damaged')
    const oid = /oid: sha256:(\w+)/.exec(await work.git('show', 'HEAD:models/net.bin.art'))![1]!
    const cached = readdirSync(work.path('.art/cache'), { recursive: true, withFileTypes: true }).find(
      ({ name, parentPath }) => `${parentPath}${name}`.replaceAll('/', '').includes(oid.slice(2)),
    )!
    const path = join(cached.parentPath, cached.name)
    const { mode, atime, mtime } = statSync(path)
    chmodSync(path, 0o644)
    writeFileSync(path, Buffer.alloc(SIZE))
    // As a disk damages it: nothing but the bytes is another.
    chmodSync(path, mode)
    utimesSync(path, atime, mtime)
    const { code, stderr } = await work.art('mlflow', 'push', '--artifact', 'file')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/the cached bytes are not what the pointer names/) as string,
    ])
    expect([...(await objects('served/')).values()].filter(({ size }) => size === SIZE)).toHaveLength(1)
  })

  it('and passes nothing on: runs and versions come all the same, and it is said that no file does', async () => {
    const artifacts = ['--no-serve-artifacts', '--default-artifact-root', `s3://${BUCKET}/root`]
    const other = await openScene(python!, { artifacts, env: env() })
    try {
      const work = await large(other, 'alone')
      const byReference = await work.ok('mlflow', 'push')
      expect(byReference.stderr).toMatch(/keeps the artifacts of alone 1\.0\.0 in s3:.*--artifacts-destination/)
      expect((await work.json<MlflowPushResult>('mlflow', 'push')).releases[0]!.state).toBe('unchanged')
      const { code, stdout } = await work.art('--json', 'mlflow', 'push', '--artifact', 'file')
      const { releases, failed } = JSON.parse(stdout) as MlflowPushResult
      expect([code, releases[0]!.state]).toEqual([1, 'unchanged'])
      expect(failed).toMatchObject([{ path: 'alone 1.0.0', code: 'REMOTE_FEATURE' }])
      const tags = JSON.parse(
        await other.client(`import json; print(json.dumps(c.get_model_version('alone', '1').tags))`),
      ) as Record<string, string>
      expect(tags).toMatchObject({ 'art.artifact': 'none', 'art.oid': `sha256:${sha256(work.path('models/net.bin'))}` })
      const taker = await other.place.repository('taker')
      const refused = await taker.art('mlflow', 'pull', 'alone')
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringMatching(
          /its files are in s3:.*the MLflow server does not pass on.*--artifacts-destination/s,
        ) as string,
      ])
    } finally {
      await other.close()
    }
  })
})

if (lacking !== undefined) it.skip(`MLflow with a bucket: not installed: ${lacking}`, () => undefined)
