import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtEvent } from '@art/core'
import type { ScanOptions, ScanResult } from '../model-api.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from './add.ts'
import { check } from './check.ts'
import { configSet } from './config.ts'
import { push } from './push.ts'
import { remoteAdd } from './remote.ts'
import { scan } from './scan.ts'

const DATA = fileURLToPath(new URL('../../../../test/data/models/', import.meta.url))
const SAFE = join(DATA, 'torch/seed.pth')
const UNKNOWN = join(DATA, 'torch/yolo.pth')
const UNSAFE = join(DATA, 'scan/unsafe/zip-hidden-member.pth')

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

const at = (path: string): string => join(made.root, path)

function put(path: string, from: string): void {
  mkdirSync(join(at(path), '..'), { recursive: true })
  copyFileSync(from, at(path))
}

const scanned = async (names: string[], more: Partial<ScanOptions> = {}): Promise<ScanResult> =>
  await scan(names, { cwd: made.root, environment: made.environment, ...more })

const verdicts = ({ scanned: files }: ScanResult) => files.map(({ path, verdict }) => `${verdict} ${path}`)

async function addAll(...paths: string[]): Promise<void> {
  expect((await add(await made.open(), paths)).failed).toEqual([])
}

/** What this machine keeps of contents. */
const forget = (...data: string[]): void => {
  rmSync(at('.art/cache'), { recursive: true })
  for (const path of data) rmSync(at(path), { recursive: true })
}

describe('scanning files', () => {
  it('tells what is imported and called, where, and the verdict', async () => {
    const { verdict, scanned: files } = await scanned([UNSAFE])
    expect(verdict).toBe('unsafe')
    expect(files).toMatchObject([{ path: UNSAFE, format: 'pytorch', verdict: 'unsafe' }])
    expect(files[0]!.imports).toContainEqual({
      module: 'os',
      name: 'system',
      verdict: 'unsafe',
      called: true,
      where: 'archive/data.pkl #2 (hidden)',
      position: 2,
    })
    const safe = await scanned([SAFE])
    expect(safe).toMatchObject({ verdict: 'safe', scanned: [{ weightsOnly: { accepted: true } }], failed: [] })
    expect((await scanned([UNKNOWN])).scanned[0]!.weightsOnly.globals).toContain('__main__.Net')
  })

  it('needs no repository, and names what it cannot read', async () => {
    const cwd = join(made.base, 'elsewhere')
    mkdirSync(cwd)
    copyFileSync(UNSAFE, join(cwd, 'x.pth'))
    const result = await scanned(['x.pth', 'absent.pth'], { cwd })
    expect(verdicts(result)).toEqual(['unsafe x.pth'])
    expect(result.failed).toMatchObject([{ path: 'absent.pth', code: 'NOT_FOUND' }])
  })

  it('takes every file below a folder, behind links too, and counts what is no model', async () => {
    put('in/a/safe.pth', SAFE)
    put('in/b/unsafe.bin', UNSAFE)
    symlinkSync('../a/safe.pth', at('in/b/link.pth'))
    symlinkSync('..', at('in/b/loop'))
    made.write('in/README.md', 'import os\n')
    mkdirSync(at('in/.git'))
    put('in/.git/unsafe.pth', UNSAFE)
    const result = await scanned(['in'])
    expect(verdicts(result)).toEqual(['safe in/a/safe.pth', 'safe in/b/link.pth', 'unsafe in/b/unsafe.bin'])
    expect(result).toMatchObject({ verdict: 'unsafe', others: 1, failed: [] })
    // One that is named is answered for.
    expect(verdicts(await scanned(['in/README.md']))).toEqual(['unknown in/README.md'])
  })
})

describe('scanning what is tracked', () => {
  beforeEach(async () => {
    put('models/good.pth', SAFE)
    put('models/bad.pth', UNSAFE)
    put('data/deep/bad.pkl', join(DATA, 'scan/unsafe/inst.pkl'))
    put('data/index.json', join(DATA, 'safetensors/sharded/model.safetensors.index.json'))
    put('data/large.pth', SAFE)
    made.write('data/notes.txt', 'none')
    await addAll('models/good.pth', 'models/bad.pth', 'data')
    made.commit()
  })

  it('reads the cache where the data is not in the workspace: pointers, folders, globs, revisions', async () => {
    put('models/bad.pth', SAFE)
    await addAll('models/bad.pth')
    rmSync(at('models/bad.pth'))
    rmSync(at('data'), { recursive: true })
    expect(verdicts(await scanned(['models/bad.pth', 'HEAD:models/bad.pth']))).toEqual([
      'safe models/bad.pth',
      'unsafe HEAD:models/bad.pth',
    ])
    expect(verdicts(await scanned(['models']))).toEqual(['safe models/bad.pth', 'safe models/good.pth'])
    expect(verdicts(await scanned(['*/g*.pth']))).toEqual(['safe models/good.pth'])
    const directory = await scanned(['data.art'])
    expect(verdicts(directory)).toEqual(['unsafe data/deep/bad.pkl', 'safe data/index.json', 'safe data/large.pth'])
    expect(directory).toMatchObject({ others: 1, failed: [] })
    expect(verdicts(await scanned(['data/deep', 'data/notes.txt']))).toEqual([
      'unsafe data/deep/bad.pkl',
      'unknown data/notes.txt',
    ])
    await expect(scanned(['data/depe'])).resolves.toMatchObject({ failed: [{ path: 'data/depe', code: 'NOT_FOUND' }] })
    // From another folder names are those of that folder.
    expect(verdicts(await scanned(['bad.pth', '../data'], { cwd: at('models') }))).toEqual([
      'safe bad.pth',
      'unsafe ../data/deep/bad.pkl',
      'safe ../data/index.json',
      'safe ../data/large.pth',
    ])
  })

  it('reads the remote by ranges where this machine has nothing', async () => {
    await remoteAdd(await made.open(), 'origin', join(made.base, 'store'), { default: true })
    expect((await push(await made.open(), [])).failed).toEqual([])
    forget('models/bad.pth', 'models/good.pth', 'data')
    const result = await scanned(['models/bad.pth', 'models/good.pth', 'data.art'])
    expect(verdicts(result)).toEqual([
      'unsafe models/bad.pth',
      'safe models/good.pth',
      'unsafe data/deep/bad.pkl',
      'safe data/index.json',
      'safe data/large.pth',
    ])
    expect(result.failed).toEqual([])
    const typo = { failed: [{ path: 'data/depe', code: 'NOT_FOUND' }], scanned: [] }
    await expect(scanned(['data/depe'])).resolves.toMatchObject(typo)
    await expect(scanned(['models/bad.pth'], { remote: 'nowhere' })).resolves.toMatchObject({
      failed: [{ code: 'REMOTE_UNKNOWN' }],
    })
    rmSync(join(made.base, 'store'), { recursive: true })
    put('models/good.pth', SAFE)
    const offline = await scanned(['models/bad.pth', 'models/good.pth', 'HEAD:models/good.pth'])
    expect(verdicts(offline)).toEqual(['safe models/good.pth'])
    expect(offline.failed.map(({ code }) => code)).toEqual(['REMOTE_NOT_FOUND', 'NOT_CACHED'])
  })

  it('says so where the content is nowhere', async () => {
    forget('models/bad.pth')
    expect((await scanned(['models/bad.pth'])).failed).toMatchObject([
      { path: 'models/bad.pth', code: 'NOT_CACHED', hint: 'Run `art fetch models/bad.pth`.' },
    ])
  })
})

describe('imports that are allowed', () => {
  it('are no longer unknown, by name or by package', async () => {
    for (const allowed of ['__main__.Net', 'x.y.z, __main__.*']) {
      await configSet(await made.open(), 'project', 'check.allow_imports', allowed)
      expect((await scanned([UNKNOWN])).verdict, allowed).toBe('safe')
    }
    await expect(configSet(await made.open(), 'project', 'check.allow_imports', 'os; x')).rejects.toMatchObject({
      code: 'USAGE',
    })
  })

  it('count for what can run anything only where the user alone writes', async () => {
    const file = join(DATA, 'scan/unsafe/inst.pkl')
    await configSet(await made.open(), 'project', 'check.allow_imports', 'os.system,__main__.Net')
    const events: ArtEvent[] = []
    const result = await scanned([file, UNKNOWN], { onEvent: (event) => events.push(event) })
    expect(result.scanned.map(({ verdict }) => verdict)).toEqual(['unsafe', 'safe'])
    expect(events).toMatchObject([{ type: 'warning', message: expect.stringContaining('os.system') as string }])
    await configSet(await made.open(), 'local', 'check.allow_imports', 'os.system')
    expect((await scanned([file])).verdict).toBe('safe')
  })
})

describe('the gate before a commit', () => {
  const problems = async (): Promise<string[]> =>
    (await check(await made.open())).problems.map(({ code, path, message }) => `${code} ${path}: ${message}`)

  it('blocks what would run anything, by the names that would; what is unknown passes', async () => {
    put('bad.pth', UNSAFE)
    put('odd.pth', UNKNOWN)
    await addAll('bad.pth', 'odd.pth')
    made.git('add', '-A')
    expect(await problems()).toEqual(['MODEL_UNSAFE bad.pth: loading it can run anything: it imports os.system'])
    await configSet(await made.open(), 'local', 'check.allow_imports', 'os.system')
    // The file hides a pickle too, which is reason not to call it safe, and none to block it.
    expect(await problems()).toEqual([])
  })

  it('looks at what is staged only', async () => {
    put('bad.pth', UNSAFE)
    await addAll('bad.pth')
    made.commit()
    expect(await problems()).toEqual([])
  })

  it('looks into directories, at what programs unpickle', async () => {
    put('data/x/bad.pkl', join(DATA, 'scan/unsafe/inst.pkl'))
    put('data/bad.dat', join(DATA, 'scan/unsafe/inst.pkl'))
    await addAll('data')
    made.git('add', '-A')
    expect(await problems()).toEqual(['MODEL_UNSAFE data/x/bad.pkl: loading it can run anything: it imports os.system'])
    expect((await check(await made.open(), { paths: ['data'] })).problems).toHaveLength(1)
  })

  it('does not unpack compressed data, but compressed pickles', async () => {
    const packed = readFileSync(join(DATA, 'scan/unsafe/gzip.pkl'))
    writeFileSync(at('table.csv.gz'), packed)
    writeFileSync(at('model.pkl.gz'), packed)
    writeFileSync(at('model.joblib'), packed)
    await addAll('table.csv.gz', 'model.pkl.gz', 'model.joblib')
    made.git('add', '-A')
    expect((await problems()).map((problem) => problem.split(':')[0])).toEqual([
      'MODEL_UNSAFE model.joblib',
      'MODEL_UNSAFE model.pkl.gz',
    ])
  })

  const withBlock = (path: string, ...lines: string[]): void => {
    const text = made.read(`${path}.art`).replace(/^checkpoint:\n(?: .*\n)*/m, '')
    const block = lines.length === 0 ? '' : ['checkpoint:', ...lines].join('\n  ') + '\n'
    made.write(`${path}.art`, text + block)
    made.git('add', '-A')
  }
  const BAD = 'MODEL_UNSAFE bad.pth: loading it can run anything: it imports os.system'

  it.each([true, false])(
    'believes the bytes, whatever the pointer says of them; with a table of them: %s',
    async (kept) => {
      put('bad.pth', UNSAFE)
      put('good.pth', SAFE)
      await addAll('bad.pth', 'good.pth')
      if (!kept) rmSync(at('.art/cache/tensors'), { recursive: true })
      withBlock('good.pth', 'scan: unsafe', 'unsafe_imports: [posix.system, builtins.eval]')
      for (const lines of [['format: pytorch'], ['format: pytorch', 'scan: safe'], ['scan: unsafe'], []]) {
        withBlock('bad.pth', ...lines)
        expect(await problems(), lines.join()).toEqual([BAD])
      }
    },
  )

  it('goes by the pointer where the content is not here', async () => {
    put('good.pth', SAFE)
    await addAll('good.pth')
    withBlock('good.pth', 'scan: unsafe', 'unsafe_imports: [posix.system, 3 more]')
    forget('good.pth')
    const imports = 'MODEL_UNSAFE good.pth: loading it can run anything: it imports posix.system'
    expect(await problems()).toEqual([expect.stringMatching(/^NOT_CACHED good\.pth/), imports])
    await configSet(await made.open(), 'local', 'check.allow_imports', 'posix.system')
    expect(await problems()).toHaveLength(1)
  })

  it('blocks a pickle that git itself is about to take, by its staged bytes', async () => {
    made.write('notes.txt', 'import os')
    put('good.pth', SAFE)
    put('weights', UNSAFE)
    made.git('add', '-A')
    put('weights', SAFE)
    expect(await problems()).toEqual(['MODEL_UNSAFE weights: loading it can run anything: it imports os.system'])
    await configSet(await made.open(), 'local', 'check.allow_imports', 'os.system')
    expect(await problems()).toEqual([])
    await configSet(await made.open(), 'local', 'check.allow_imports', 'os.popen')
    made.git('commit', '--quiet', '-m', 'all the same')
    expect(await problems()).toEqual([])
  })

  it('is helped by the next add, which puts a pointer right that hides the danger', async () => {
    put('bad.pth', UNSAFE)
    await addAll('bad.pth')
    const text = made.read('bad.pth.art')
    expect(text).toContain('  scan: unsafe\n')
    for (const lines of [['format: pytorch'], []]) {
      withBlock('bad.pth', ...lines)
      expect((await add(await made.open(), ['bad.pth'])).added).toMatchObject([{ state: 'updated' }])
      expect(made.read('bad.pth.art')).toBe(text)
    }
    expect((await add(await made.open(), ['bad.pth'])).added).toMatchObject([{ state: 'unchanged' }])
  })
})
