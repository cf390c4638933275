import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheLayout, ensureCache } from '@art/core/cache/layout.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from '../verb/add.ts'
import { setCacheDir } from '../verb/cache-dir.ts'
import { configSet, openConfig } from '../verb/config.ts'
import { init } from '../verb/init.ts'
import { status } from '../verb/status.ts'

let made: TemporaryRepo
/** A folder of the user's, beside the repository. */
let outside: string
beforeEach(async () => {
  made = await TemporaryRepo.create()
  outside = join(made.base, 'outside')
  mkdirSync(join(outside, 'tmp'), { recursive: true })
  made.write('a', 'a')
})
afterEach(() => made.remove())

function commitCacheDir(dir: string): void {
  made.write('.art/config.yaml', `${made.read('.art/config.yaml')}cache:\n  dir: ${dir}\n`)
}

async function addOne(environment: NodeJS.ProcessEnv = {}): Promise<string[]> {
  return (await add(await made.open(made.root, environment), ['a'])).added.map(({ path }) => path)
}

describe('a committed cache.dir outside the repository', () => {
  beforeEach(() => commitCacheDir('../../outside'))

  it('is refused with the command that approves it, before anything is read, written or removed there', async () => {
    const old = join(outside, 'tmp/1234-0123456789abcdef0123456789abcdef')
    writeFileSync(old, 'precious')
    utimesSync(old, 1, 1)
    const before = readdirSync(outside, { recursive: true })
    for (const run of [addOne, async () => status(await made.open(), [])]) {
      await expect(run()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        path: '.art/config.yaml',
        hint: expect.stringContaining(`art cache dir --local ${outside}`),
      })
    }
    expect(readdirSync(outside, { recursive: true })).toEqual(before)
  })

  it('is used once the user has named it, locally, globally or in the environment', async () => {
    expect(await addOne({ ART_CACHE_DIR: outside })).toEqual(['a'])
    await configSet(await openConfig({ cwd: made.root, environment: made.environment }), 'global', 'cache.dir', 'other')
    await configSet(await made.open(), 'local', 'cache.dir', '../outside')
    expect(await addOne()).toEqual(['a'])
  })

  it('is used where it is an art cache already, as teams share one', async () => {
    ensureCache(cacheLayout(outside))
    expect(await addOne()).toEqual(['a'])
    expect(readdirSync(join(outside, 'packs')).length).toBeGreaterThan(0)
  })

  it('that the user sets with `cache dir` is made a cache at once, also for others', async () => {
    await setCacheDir(await made.open(), '../shared')
    expect(await addOne()).toEqual(['a'])
  })
})

describe('a committed cache.dir inside the repository', () => {
  it('is used, but not git’s own folder, nor the top', async () => {
    commitCacheDir('../.cache/art')
    expect(await addOne()).toEqual(['a'])
    for (const dir of ['../.git', '../.git/art', '..']) {
      made.write('.art/config.yaml', made.read('.art/config.yaml').replace(/dir: .*/, `dir: ${dir}`))
      await expect(addOne()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    }
    expect(existsSync(join(made.root, '.gitignore'))).toBe(true)
    expect(made.read('.gitignore')).not.toContain('*')
  })

  it('is refused among other things, with the command that approves it, and used in an empty folder', async () => {
    made.write('src/main.py', 'mine')
    commitCacheDir('../src')
    await expect(addOne()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      path: '.art/config.yaml',
      message: expect.stringContaining('among other things'),
      hint: expect.stringContaining(`art cache dir --local ${join(made.root, 'src')}`),
    })
    expect(readdirSync(join(made.root, 'src'))).toEqual(['main.py'])
    expect(await addOne({ ART_CACHE_DIR: join(made.root, 'src') })).toEqual(['a'])
    mkdirSync(join(made.root, 'empty'))
    made.write('.art/config.yaml', made.read('.art/config.yaml').replace('../src', '../empty'))
    expect(await addOne()).toEqual(['a'])
    expect(readdirSync(join(made.root, 'empty'))).toContain('packs')
  })

  it('is refused where one of its folders is a link', async () => {
    commitCacheDir('../.cache/art')
    mkdirSync(join(made.root, '.cache/art'), { recursive: true })
    symlinkSync(outside, join(made.root, '.cache/art/objects'))
    await expect(addOne()).rejects.toMatchObject({ code: 'PATH_UNSAFE', path: join(made.root, '.cache/art/objects') })
  })
})

describe('a link in place of what art keeps', () => {
  it('leads the cache elsewhere only where the user says so, or to an art cache', async () => {
    symlinkSync(outside, join(made.root, '.art/cache'))
    await expect(addOne()).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: join(made.root, '.art/cache') })
    expect(readdirSync(outside)).toEqual(['tmp'])
    ensureCache(cacheLayout(outside))
    expect(await addOne()).toEqual(['a'])
  })

  it.each(['objects', 'packs', 'tables', 'tensors', 'tmp'])(
    'is refused in place of a folder of the cache: %s',
    async (name) => {
      const path = join(made.root, '.art/cache', name)
      mkdirSync(join(made.root, '.art/cache'))
      symlinkSync(outside, path)
      await expect(addOne()).rejects.toMatchObject({ code: 'PATH_UNSAFE', path })
      expect(readdirSync(outside)).toEqual(['tmp'])
      expect(await addOne({ ART_CACHE_DIR: join(made.root, '.art/cache') })).toEqual(['a'])
    },
  )

  it('that leads nowhere yet is refused', async () => {
    symlinkSync(join(made.base, 'absent'), join(made.root, '.art/cache'))
    await expect(addOne()).rejects.toMatchObject({ code: 'PATH_UNSAFE', path: join(made.root, '.art/cache') })
    expect(existsSync(join(made.base, 'absent'))).toBe(false)
  })

  it('is not followed where it stands for a file that art adds lines to, or for a configuration', async () => {
    writeFileSync(join(outside, 'secret'), 'a private key')
    const leads = (path: string): void => symlinkSync(join(outside, 'secret'), join(made.root, path))
    leads('.gitignore')
    const { added, failed } = await add(await made.open(), ['a'])
    expect([added, failed]).toMatchObject([[], [{ path: 'a', code: 'PATH_UNSAFE' }]])
    leads('.art/config.local.yaml')
    await expect(made.open()).rejects.toMatchObject({ code: 'PATH_UNSAFE' })
    execFileSync('rm', [join(made.root, '.art/config.local.yaml'), join(made.root, '.gitattributes')])
    leads('.gitattributes')
    const again = init({ cwd: made.root, force: true, environment: made.environment })
    await expect(again).rejects.toMatchObject({ code: 'PATH_UNSAFE', path: join(made.root, '.gitattributes') })
  })

  it.skipIf(process.platform === 'win32')(
    'or a pipe, is refused by name and unread in place of what git brings',
    async () => {
      made.write('set/b', 'b')
      const addBoth = async () => (await add(await made.open(), ['a', 'set'])).failed
      const zeros = (path: string): void => symlinkSync('/dev/zero', join(made.root, path))
      const pipe = (path: string): void => void execFileSync('mkfifo', [join(made.root, path)])
      const ways = [
        [zeros, 'PATH_UNSAFE', 'PATH_UNSAFE'],
        [pipe, 'POINTER_INVALID', 'CONFIG_INVALID'],
      ] as const
      for (const [put, forPointer, forText] of ways) {
        rmSync(join(made.root, 'a.art'), { force: true })
        put('a.art')
        expect(await addBoth()).toMatchObject([{ path: 'a', code: forPointer }])
        const seen = await status(await made.open(), [])
        expect(seen.failed).toMatchObject([{ path: 'a.art', code: forPointer }])
        rmSync(join(made.root, 'a.art'))
        for (const name of ['.artignore', 'set/.artignore']) {
          put(name)
          const [failed, ...others] = await addBoth()
          expect([failed!.code, others]).toEqual([forText, []])
          expect(`${failed!.path}: ${failed!.message}`).toContain(name)
          rmSync(join(made.root, name))
        }
      }
      rmSync(join(made.root, '.art/config.yaml'))
      pipe('.art/config.yaml')
      await expect(made.open()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        path: join(made.root, '.art/config.yaml'),
      })
    },
  )

  it.each(['tmp', 'index'])('is refused in place of %s', async (name) => {
    symlinkSync(outside, join(made.root, '.art', name))
    writeFileSync(join(outside, '.0123456789abcdef0123456789abcdef.art-tmp'), 'precious')
    await expect(addOne()).rejects.toMatchObject({ code: 'PATH_UNSAFE', path: join(made.root, '.art', name) })
    expect(readdirSync(outside).toSorted()).toEqual(['.0123456789abcdef0123456789abcdef.art-tmp', 'tmp'])
  })
})

describe('what git tracks of a machine’s own files', () => {
  const force = (...paths: string[]): string => made.git('add', '--force', ...paths)

  it.each(['config.local.yaml', 'cache/objects/x', 'tmp/probe', 'index/files', 'Config.Local.yaml'])(
    'is refused: .art/%s',
    async (name) => {
      made.write(`.art/${name}`, 'art: 1\n')
      force(`.art/${name}`)
      const refusal = { code: 'PATH_UNSAFE', path: join(made.root, '.art', name) }
      await expect(made.open()).rejects.toMatchObject(refusal)
      await expect(openConfig({ cwd: made.root, environment: made.environment })).rejects.toMatchObject(refusal)
      made.git('rm', '--quiet', '--cached', `.art/${name}`)
      await made.open()
    },
  )

  it('is refused where it is a link to the configuration, or to all of .art', async () => {
    execFileSync('mv', [join(made.root, '.art/config.yaml'), join(outside, 'config.yaml')])
    symlinkSync(join(outside, 'config.yaml'), join(made.root, '.art/config.yaml'))
    force('.art/config.yaml')
    await expect(made.open()).rejects.toMatchObject({ code: 'PATH_UNSAFE' })
    made.git('rm', '--quiet', '--cached', '.art/config.yaml')
    execFileSync('mv', [join(made.root, '.art'), join(outside, 'art')])
    symlinkSync(join(outside, 'art'), join(made.root, '.art'))
    force('.art')
    await expect(made.open()).rejects.toMatchObject({ code: 'PATH_UNSAFE', path: join(made.root, '.art') })
  })

  it('is refused in a sub-folder, in an index that only git reads, and where the configuration says that there is no git', async () => {
    made.write('sub/.art/config.yaml', made.read('.art/config.yaml') + 'core:\n  no_git: true\n')
    made.write('sub/.art/config.local.yaml', 'art: 1\n')
    force('sub')
    const refusal = { code: 'PATH_UNSAFE', path: join(made.root, 'sub/.art/config.local.yaml') }
    await expect(made.open(join(made.root, 'sub'))).rejects.toMatchObject(refusal)
    made.git('update-index', '--split-index')
    await expect(made.open(join(made.root, 'sub'))).rejects.toMatchObject(refusal)
    await made.open()
  })
})

describe('a folder without git, which may have been unpacked', () => {
  beforeEach(async () => {
    made.remove()
    made = await TemporaryRepo.create({ git: false })
    outside = join(made.base, 'outside')
    mkdirSync(outside)
    made.write('a', 'a')
  })

  it('has no file that could approve anything in the user’s name', async () => {
    made.write('.art/config.local.yaml', 'art: 1\ncache:\n  dir: ../../outside\n')
    await expect(addOne()).rejects.toMatchObject({ code: 'CONFIG_INVALID', hint: expect.stringContaining('--global') })
    expect(await addOne({ ART_CACHE_DIR: outside })).toEqual(['a'])
  })

  it.each(['tmp/probe', 'index/files', 'cache/objects', 'cache/objects/ab', 'cache/tables/x'])(
    'is refused where .art/%s is a link',
    async (name) => {
      made.write(`.art/${name}/x`, '')
      execFileSync('rm', ['-r', join(made.root, '.art', name)])
      symlinkSync(outside, join(made.root, '.art', name))
      await expect(addOne()).rejects.toMatchObject({ code: 'PATH_UNSAFE', path: join(made.root, '.art', name) })
    },
  )
})
