import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRemoteStore } from '../exchange/open-store.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { configSet, openConfig } from '../verb/config.ts'
import { remoteAdd, remoteModify } from '../verb/remote.ts'

const SERVER = 'https://minio.example.org:9000'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

/** As a clone gets it: nobody here has typed it. */
function commitRemote(settings: Record<string, string>): void {
  const lines = Object.entries({ url: 's3://bucket/x', ...settings }).map(([key, value]) => `    ${key}: ${value}\n`)
  made.write('.art/config.yaml', `${made.read('.art/config.yaml')}remote:\n  lab:\n${lines.join('')}`)
}

async function use(environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const { store } = await openRemoteStore(await made.open(made.root, environment), 'lab', 'read')
  await store.close?.()
  return store.url
}

const refusal = (hint: string): object => ({
  code: 'CONFIG_INVALID',
  path: '.art/config.yaml',
  hint: expect.stringContaining(hint),
})

describe('a server that the committed configuration names', () => {
  it('gets no credentials until the user has approved it, once for all that is there', async () => {
    commitRemote({ endpoint: `${SERVER}/s3` })
    await expect(use()).rejects.toMatchObject(refusal(`art config --local core.trusted_endpoints ${SERVER}\``))
    await configSet(await made.open(), 'local', 'core.trusted_endpoints', `https://other.example.org, ${SERVER}/`)
    expect(await use()).toContain('bucket/x')
    made.write('.art/config.yaml', made.read('.art/config.yaml').replace(':9000', ':9001'))
    const both = `https://other.example.org,${SERVER},https://minio.example.org:9001`
    await expect(use()).rejects.toMatchObject(refusal(`core.trusted_endpoints ${both}\``))
  })

  it('may be approved for all repositories, by variables, and by naming it where only the user writes', async () => {
    commitRemote({ endpoint: SERVER })
    expect(await use({ ART_CORE_TRUSTED_ENDPOINTS: SERVER })).toContain('bucket')
    expect(await use({ AWS_ENDPOINT_URL_S3: `${SERVER}/` })).toContain('bucket')
    await expect(use({ AWS_ENDPOINT_URL: 'https://example.org' })).rejects.toMatchObject(refusal('--local'))
    const own = await openConfig({ cwd: made.base, environment: made.environment })
    await configSet(own, 'global', 'core.trusted_endpoints', SERVER)
    expect(await use()).toContain('bucket')
    await configSet(own, 'global', 'core.trusted_endpoints', 'https://example.org')
    await remoteModify(await made.open(), 'lab', { endpoint: SERVER }, { level: 'local' })
    expect(await use()).toContain('bucket')
  })

  it('cannot be approved by that configuration itself', async () => {
    commitRemote({ endpoint: SERVER })
    made.write('.art/config.yaml', `${made.read('.art/config.yaml')}core:\n  trusted_endpoints: ${SERVER}\n`)
    const { config } = await made.open()
    expect(config.warnings).toEqual([expect.stringContaining('core.trusted_endpoints is ignored')])
    await expect(use()).rejects.toMatchObject(refusal('--local'))
    await expect(configSet(await made.open(), 'project', 'core.trusted_endpoints', SERVER)).rejects.toMatchObject({
      code: 'USAGE',
      hint: 'Add --local or --global.',
    })
  })

  it('needs no approval where no credentials are sent, on this machine, or where the user has typed it', async () => {
    await remoteAdd(await made.open(), 'lab', 's3://bucket/x', { settings: { endpoint: SERVER } })
    expect(await use()).toContain('bucket')
    expect(made.read('.art/config.yaml')).not.toContain('trusted')
    await remoteModify(await made.open(), 'lab', { endpoint: 'https://two.example.org' })
    expect(made.read('.art/config.local.yaml')).toContain(`trusted_endpoints: ${SERVER},https://two.example.org\n`)
    for (const endpoint of ['http://127.0.0.1:9000', 'http://localhost:9000', 'http://[::1]:9000']) {
      made.write('.art/config.yaml', made.read('.art/config.yaml').replace(/endpoint: .*/, `endpoint: ${endpoint}`))
      expect(await use()).toContain('bucket')
    }
    const open = 'endpoint: https://public.example.org\n    anonymous: true'
    made.write('.art/config.yaml', made.read('.art/config.yaml').replace(/endpoint: .*/, open))
    expect(await use()).toContain('bucket')
  })

  it.each(['http://minio.lab:9000', 'http://127.0.0.1.example.org', 'https://localhost.example.org'])(
    'is no other for looking like this machine, or for being unencrypted: %s',
    async (endpoint) => {
      commitRemote({ endpoint })
      await expect(use()).rejects.toMatchObject(refusal('core.trusted_endpoints'))
    },
  )

  it('is approved for the user in a folder without git, where local settings may have been unpacked', async () => {
    made.remove()
    made = await TemporaryRepo.create({ git: false })
    await remoteAdd(await made.open(), 'lab', 's3://bucket/x', { settings: { endpoint: SERVER } })
    made.write('.art/config.local.yaml', `art: 1\ncore:\n  trusted_endpoints: ${SERVER}\n`)
    await expect(use()).rejects.toMatchObject(refusal(`art config --global core.trusted_endpoints ${SERVER}`))
    expect(await use({ ART_CORE_TRUSTED_ENDPOINTS: SERVER })).toContain('bucket')
  })
})

describe('what would let others on the network in', () => {
  it.each([
    ['tls_verify', 'false'],
    ['ca_bundle', 'ca.pem'],
  ])('%s, must be set where only the user writes', async (key, value) => {
    commitRemote({ [key]: value })
    await expect(use()).rejects.toMatchObject(refusal(`art remote modify --local lab ${key} ${value}`))
    await remoteModify(await made.open(), 'lab', { [key]: value }, { level: 'local' })
    expect(await use()).toContain('bucket')
  })
})
