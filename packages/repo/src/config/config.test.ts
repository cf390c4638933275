import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { cacheDir, setCacheDir } from '../verb/cache-dir.ts'
import { configGet, configList, configSet, configUnset, openConfig } from '../verb/config.ts'
import { remoteCheck } from '../verb/remote-check.ts'
import { remoteAdd, remoteDefault, remoteList, remoteModify, remoteRemove } from '../verb/remote.ts'
import { storedValue } from './value.ts'
import { allKeyNames, environmentVariable, specOf } from './keys.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

describe('configuration', () => {
  it('is taken from the level nearest to the user', async () => {
    writeFileSync(join(made.base, 'system.yaml'), 'core:\n  jobs: 1\n')
    expect((await made.open()).config.get('core.jobs')).toBe(1)
    writeFileSync(join(made.base, 'global.yaml'), 'core:\n  jobs: 2\n')
    expect((await made.open()).config.get('core.jobs')).toBe(2)
    await configSet(await made.open(), 'project', 'core.jobs', '3')
    expect((await made.open()).config.get('core.jobs')).toBe(3)
    await configSet(await made.open(), 'local', 'core.jobs', '4')
    expect(configGet(await made.open(), 'core.jobs')).toEqual({
      key: 'core.jobs',
      value: '4',
      level: 'local',
      origin: join(made.root, '.art/config.local.yaml'),
    })
    const repo = await made.open(made.root, { ART_CORE_JOBS: '5' })
    expect(repo.config.get('core.jobs')).toBe(5)
    expect(configGet(repo, 'core.jobs')).toMatchObject({ level: 'environment', origin: 'ART_CORE_JOBS' })
    expect(configGet(repo, 'core.jobs', { level: 'global' })?.value).toBe('2')
  })

  it('keeps comments, order and unknown keys when it is edited', async () => {
    const text = made.read('.art/config.yaml')
    made.write('.art/config.yaml', `# ours\n${text}core:\n  # many\n  jobs: 8\nfuture:\n  key: 1\n`)
    const repo = await made.open()
    expect(repo.config.warnings).toEqual([expect.stringContaining('unknown key future.key')])
    await configSet(repo, 'project', 'core.autostage', 'yes')
    expect(made.read('.art/config.yaml')).toBe(
      `# ours\n${text}core:\n  # many\n  jobs: 8\n  autostage: true\nfuture:\n  key: 1\n`,
    )
    await configUnset(repo, 'project', 'core.autostage')
    await configUnset(repo, 'project', 'core.jobs')
    expect(await configUnset(repo, 'project', 'core.jobs')).toBeUndefined()
    expect((await made.open()).config.get('core.jobs')).toBeUndefined()
  })

  it('suggests the key that was meant, and says what a value must be', async () => {
    const repo = await made.open()
    await expect(configSet(repo, 'project', 'core.autostag', '1')).rejects.toMatchObject({
      code: 'USAGE',
      hint: 'Did you mean core.autostage?',
    })
    await expect(configSet(repo, 'project', 'remote.x.endpont', '1')).rejects.toMatchObject({
      hint: 'Did you mean remote.x.endpoint?',
    })
    await expect(configSet(repo, 'project', 'core.jobs', '0')).rejects.toMatchObject({
      code: 'USAGE',
      path: 'core.jobs',
    })
    await expect(configSet(repo, 'project', 'cache.type', 'reflink,teleport')).rejects.toMatchObject({ code: 'USAGE' })
    made.write('.art/config.local.yaml', 'core:\n  jobs: 8\ncheck:\n  large_file: huge\n')
    await expect(made.open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      path: join(made.root, '.art/config.local.yaml:4'),
      message: expect.stringContaining('must be a size'),
    })
    await expect(made.open(made.root, { ART_CORE_JOBS: 'many' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('takes no format of tags that every command on versions would refuse', async () => {
    const repo = await made.open()
    const set = (level: 'project' | 'local' | 'global', format: string) =>
      configSet(repo, level, 'release.tag_format', format)
    for (const level of ['project', 'local', 'global'] as const) {
      await expect(set(level, 'foo')).rejects.toMatchObject({
        code: 'USAGE',
        path: 'release.tag_format',
        message: expect.stringContaining('`{version}`'),
        hint: expect.stringContaining('{name}-v{version}'),
      })
      await expect(set(level, '{name}..{version}')).rejects.toMatchObject({ code: 'USAGE' })
      await set(level, '{name}-v{version}')
    }
    // Of one model alone, where there is one.
    await expect(set('project', 'v{version}')).rejects.toMatchObject({
      message: expect.stringContaining('models.yaml'),
    })
    made.write('models.yaml', 'models: {net: net.pth}\n')
    await set('project', 'v{version}')
    made.write('models.yaml', 'models: {net: net.pth, other: other.pth}\n')
    await expect(set('local', 'v{version}')).rejects.toMatchObject({ code: 'USAGE' })
    await set('global', 'v{version}')
    expect(configGet(await made.open(), 'release.tag_format')?.value).toBe('{name}-v{version}')
  })

  it('reads lists and sizes', async () => {
    made.write(
      '.art/config.local.yaml',
      'cache:\n  type: [hardlink, copy]\ncheck:\n  large_file: 1GiB\nmodels:\n  metrics: [val_*, "!val_time"]\n',
    )
    const { config } = await made.open()
    expect(config.get('models.metrics')).toEqual(['val_*', '!val_time'])
    expect(config.get('cache.type')).toEqual(['hardlink', 'copy'])
    expect(config.get('check.large_file')).toBe(2 ** 30)
  })

  it('accepts no secret in the file that git commits', async () => {
    const repo = await made.open()
    await remoteAdd(repo, 'origin', 's3://bucket/prefix')
    const secret = (level: 'project' | 'local') =>
      made.open().then((open) => remoteModify(open, 'origin', { secret_access_key: 'hunter2' }, { level }))
    await expect(secret('project')).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--local') })
    await secret('local')
    const { config } = await made.open()
    expect(config.remote().secretAccessKey).toBe('hunter2')
    expect(JSON.stringify(configList(await made.open()))).not.toContain('hunter2')
    expect(statSync(join(made.root, '.art/config.local.yaml')).mode & 0o077).toBe(0)
    made.write('.art/config.yaml', `${made.read('.art/config.yaml')}    access_key_id: AKIA\n`)
    const open = await made.open()
    expect(open.config.remote().accessKeyId).toBeUndefined()
    expect(open.config.warnings).toEqual([expect.stringContaining('access_key_id is ignored')])
  })

  it('works outside a repository for the user’s own file', async () => {
    const scope = await openConfig({ cwd: made.base, environment: made.environment })
    await configSet(scope, 'global', 'cache.dir', 'shared')
    expect(readFileSync(join(made.base, 'global.yaml'), 'utf8')).toBe(
      `art: 1\ncache:\n  dir: ${join(made.base, 'shared')}\n`,
    )
    expect((await made.open()).cacheDir).toBe(join(made.base, 'shared'))
    await expect(configSet(scope, 'project', 'core.jobs', '1')).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
  })

  it('stores a relative cache place so that it means the same from every folder', async () => {
    made.write('sub/x', '')
    await setCacheDir(await made.open(join(made.root, 'sub')), '../../outside')
    expect(made.read('.art/config.yaml')).toContain('dir: ../../outside\n')
    expect(cacheDir(await made.open())).toBe(join(made.base, 'outside'))
  })

  it('has a default that parses, documentation and a variable for every key', () => {
    const docs = readFileSync(new URL('../../../../docs/commands/config.md', import.meta.url), 'utf8')
    for (const key of allKeyNames()) {
      const spec = specOf(key)
      expect(spec?.doc.length).toBeGreaterThan(10)
      if (!spec?.internal) expect(docs).toContain(`| \`${key.replace('remote.<name>.', '')}\` |`)
      if (spec?.default !== undefined) expect(storedValue(spec, spec.default)).toBeDefined()
      expect(environmentVariable(key)).toMatch(/^ART_[A-Z0-9_]+$/)
    }
  })
})

describe('remotes', () => {
  it('are added, changed, listed and removed', async () => {
    mkdirSync(join(made.root, 'sub'))
    await remoteAdd(await made.open(join(made.root, 'sub')), 'store', '../../store', { default: true })
    await remoteAdd(await made.open(), 'cloud', 's3://bucket/p', {
      settings: { endpoint: 'https://minio.example.org' },
    })
    expect(made.read('.art/config.yaml')).toContain('url: ../../store\n')
    expect(remoteList(await made.open(join(made.root, 'sub')))).toEqual([
      { name: 'cloud', url: 's3://bucket/p', default: false },
      { name: 'store', url: join(made.base, 'store'), default: true },
    ])
    await expect(remoteAdd(await made.open(), 'cloud', '/x')).rejects.toMatchObject({ code: 'USAGE' })
    await expect(remoteAdd(await made.open(), 'x', 'gopher://x')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(remoteAdd(await made.open(), '../x', '/x')).rejects.toMatchObject({ code: 'USAGE' })
    await remoteModify(await made.open(), 'cloud', { compression: 'off', endpoint: undefined })
    expect((await made.open()).config.remote('cloud')).toMatchObject({
      compression: 'off',
      endpoint: undefined,
      tlsVerify: true,
    })
    await remoteRemove(await made.open(), 'store')
    expect(await remoteDefault(await made.open())).toEqual({ name: 'cloud' })
    await remoteRemove(await made.open(), 'cloud')
    expect(made.read('.art/config.yaml')).not.toContain('remote')
    expect(made.read('.art/config.local.yaml')).not.toContain('remote')
  })

  it('that do not exist are answered with those that do', async () => {
    await expect(async () => (await made.open()).config.remote()).rejects.toMatchObject({
      code: 'REMOTE_UNKNOWN',
      hint: expect.stringContaining('art remote add'),
    })
    await remoteAdd(await made.open(), 'origin', '/one')
    await remoteAdd(await made.open(), 'backup', '/two')
    await expect(async () => (await made.open()).config.remote('orgin')).rejects.toMatchObject({
      code: 'REMOTE_UNKNOWN',
      path: 'orgin',
      hint: 'Did you mean origin? There are: backup, origin.',
    })
    await expect(async () => (await made.open()).config.remote()).rejects.toMatchObject({
      hint: expect.stringContaining('art remote default'),
    })
  })

  it('can be set by variables, whatever characters the name has', async () => {
    await remoteAdd(await made.open(), 'my-store.eu', 's3://bucket')
    const { config } = await made.open(made.root, {
      ART_REMOTE_MY_STORE_EU_ACCESS_KEY_ID: 'k',
      ART_REMOTE_CI_URL: '/ci',
      ART_CORE_REMOTE: 'ci',
    })
    expect(config.remote('my-store.eu').accessKeyId).toBe('k')
    expect(config.remote()).toMatchObject({ name: 'ci', url: '/ci' })
  })

  it('are tried by writing and reading', async () => {
    await remoteAdd(await made.open(), 'store', '../store')
    expect(await remoteCheck(await made.open())).toMatchObject({
      name: 'store',
      url: join(made.base, 'store'),
      ok: true,
      writable: true,
      compression: false,
    })
  })
})
