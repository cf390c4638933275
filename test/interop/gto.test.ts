import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { HistoryResult, StageResult, WhichResult } from '@art/repo/stage-api.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Place, ROOT, Work } from '../e2e/harness.ts'

const GTO = join(ROOT, '.tools/gto/bin/gto')

/** The real GTO 1.9 from PyPI: each reads what the other wrote, and both give the same answers. */
describe.skipIf(!existsSync(GTO))('GTO', () => {
  let place: Place
  let work: Work
  const gto = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await place.run(GTO, args, {
      cwd: work.folder,
      env: { COLUMNS: '200' },
    })
    if (code !== 0) throw new Error(`gto ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`)
    return stdout.trim()
  }
  const art = <T>(...args: string[]): Promise<T> => work.json<T>(...args)
  interface Shown {
    version: string | null
    stage: Record<string, string | null>
  }
  /** Versions without `v`; commits as they are. */
  const bare = (version: string | null | undefined): string | null => version?.replace(/^v(?=\d)/, '') ?? null

  /** What both say of a model: its highest version, and who holds each stage. */
  async function agreeOn(model: string): Promise<{ version: string | null; stages: Record<string, string | null> }> {
    const shown = (JSON.parse(await gto('show', '--json')) as Record<string, Shown>)[model]!
    const held = Object.entries(shown.stage).filter(([, version]) => version !== null)
    const stages = Object.fromEntries(held.map(([stage, version]) => [stage, bare(version)]))
    const { stages: own } = await art<HistoryResult>('history', model)
    const mine = await Promise.all(
      own.map(async ({ stage }) => {
        const { version, commit } = await art<WhichResult>('which', `${model}#${stage}`)
        return [stage, version ?? commit] as const
      }),
    )
    expect(Object.fromEntries(mine)).toEqual(stages)
    const version = bare(shown.version)
    if (version !== null) expect((await art<WhichResult>('which', model)).version).toBe(version)
    return { version, stages }
  }

  async function data(content: string): Promise<void> {
    work.write('models/rf.pth', content)
    await work.ok('add', 'models/rf.pth')
    await work.commit(content)
  }

  beforeAll(async () => {
    place = new Place()
    work = await place.repository('work')
    work.write('models.yaml', 'models:\n  rf: models/rf.pth\n')
    for (const version of ['v0.0.1', 'v0.1.0', 'v1.0.0']) {
      await data(version)
      await gto('register', 'rf', '--version', version)
    }
  })
  afterAll(() => place?.dispose())

  it('writes versions and stages that art reads, with the data they are of', async () => {
    await gto('assign', 'rf', '--version', 'v0.1.0', '--stage', 'prod', '-m', 'first in service')
    await gto('assign', 'rf', '--version', 'v0.0.1', '--stage', 'dev')
    expect(await agreeOn('rf')).toEqual({ version: '1.0.0', stages: { prod: '0.1.0', dev: '0.0.1' } })
    const found = await art<WhichResult>('which', 'rf#prod')
    const pointer = await work.git('show', 'rf@v0.1.0:models/rf.pth.art')
    expect(found).toMatchObject({ commit: await work.git('rev-parse', 'rf@v0.1.0^{commit}'), path: 'models/rf.pth' })
    expect(pointer).toContain(found.oid!)
    const { events } = await art<HistoryResult>('history', 'rf')
    expect(events.find(({ stage }) => stage === 'prod')).toMatchObject({ text: 'first in service', from: null })
  })

  it('reads the stages that art gives, takes and rolls back', async () => {
    const { tags } = await art<StageResult>('stage', 'rf@v1.0.0', 'prod', '--reason', 'better')
    expect(await agreeOn('rf')).toMatchObject({ stages: { prod: '1.0.0' } })
    expect(JSON.parse(await gto('check-ref', tags[0]!, '--json'))).toMatchObject({
      event: 'assignment',
      version: 'v1.0.0',
      stage: 'prod',
    })
    await art('rollback', 'rf#prod')
    expect(await agreeOn('rf')).toMatchObject({ stages: { prod: '0.1.0' } })
    await art('stage', 'rf@v0.0.1', 'prod')
    await art('unstage', 'rf#prod')
    expect(await agreeOn('rf')).toMatchObject({ stages: { prod: '0.1.0' } })
    await art('unstage', 'rf#prod', '--all')
    expect((await agreeOn('rf')).stages).toEqual({ dev: '0.0.1' })
  })

  it('counts on from what art made, and art from what GTO made', async () => {
    await gto('assign', 'rf', '--version', 'v1.0.0', '--stage', 'prod')
    const { tags } = await art<StageResult>('stage', 'rf@v0.1.0', 'prod')
    await gto('assign', 'rf', '--version', 'v0.0.1', '--stage', 'prod')
    const told = JSON.parse(await gto('history', 'rf', '--json')) as { ref: string }[]
    const named = told.map(({ ref }) => ref).filter((ref) => /[@#]/.test(ref))
    const { events } = await art<HistoryResult>('history', 'rf')
    // The two tags of a rollback are one event of art's.
    expect(named).toEqual(expect.arrayContaining(events.map(({ tag }) => tag)))
    const counted = (await work.git('tag', '--list', 'rf#*')).split('\n').map((tag) => Number(tag.split('#')[2]))
    expect(new Set(counted).size).toBe(counted.length)
    expect(Number(tags[0]!.split('#')[2])).toBe(Math.max(...counted) - 1)
    expect(await agreeOn('rf')).toMatchObject({ stages: { prod: '0.0.1' } })
  })

  it('agrees where stages were taken and versions withdrawn with it', async () => {
    await gto('deprecate', 'rf', 'v0.0.1', 'prod')
    expect(await agreeOn('rf')).toMatchObject({ stages: { prod: '0.1.0' } })
    await gto('deprecate', 'rf', 'v0.1.0')
    expect(await agreeOn('rf')).toMatchObject({ version: '1.0.0', stages: { prod: '1.0.0' } })
    await gto('deprecate', 'rf', 'v1.0.0')
    expect(await agreeOn('rf')).toMatchObject({ version: '0.0.1', stages: { dev: '0.0.1' } })
  })

  it('agrees on stages of commits that have no version, and get one later', async () => {
    await data('unversioned')
    await gto('assign', 'rf', 'HEAD', '--stage', 'dev', '--skip-registration')
    const head = await work.git('rev-parse', 'HEAD')
    expect(await agreeOn('rf')).toMatchObject({ stages: { dev: head } })
    await gto('register', 'rf', '--version', 'v2.0.0')
    expect(await agreeOn('rf')).toEqual({ version: '2.0.0', stages: { dev: '2.0.0' } })
  })

  it('tells which of two stages that art gave in one second is the later one', async () => {
    const now = { env: { GIT_COMMITTER_DATE: `@${Math.floor(Date.now() / 1000)} +0000` } }
    for (const version of ['2.0.0', '0.0.1'])
      expect(await work.artWith(now, 'stage', `rf@${version}`, 'fast')).toMatchObject({ code: 0 })
    expect(await agreeOn('rf')).toMatchObject({ stages: { fast: '0.0.1' } })
  })

  it('agrees on deprecated models', async () => {
    await gto('deprecate', 'rf')
    expect(JSON.parse(await gto('show', '--json'))).toEqual({})
    expect(await art<WhichResult>('which', 'rf')).toMatchObject({ version: '2.0.0', deprecated: true })
    await gto('assign', 'rf', '--version', 'v0.0.1', '--stage', 'qa')
    expect(await agreeOn('rf')).toMatchObject({ stages: { qa: '0.0.1' } })
    expect(await art<WhichResult>('which', 'rf')).not.toHaveProperty('deprecated')
  })

  it('reads releases of art as its own, and those of a folder by its name', async () => {
    work = await place.repository('mono', { art: false })
    mkdirSync(work.path('cv'))
    await work.ok('-C', work.path('cv'), 'init', '--subdir')
    const folder = new Work(place, work.path('cv'))
    await folder.ok('remote', 'add', '-d', 'store', place.path('store'))
    folder.write('models.yaml', 'models:\n  pool-seg: seg.pth\n')
    folder.write('seg.pth', 'weights')
    await folder.ok('add', 'seg.pth')
    await work.commit('pool-seg')
    await folder.ok('push')
    await folder.ok('release', 'pool-seg', '--version', '0.0.1')
    await folder.ok('stage', 'pool-seg', 'prod')
    expect(await work.git('tag', '--list', 'cv=*')).toBe('cv=pool-seg#prod#1\ncv=pool-seg@v0.0.1')
    const shown = JSON.parse(await gto('show', '--json')) as Record<string, Shown>
    expect(shown['cv:pool-seg']).toMatchObject({ version: 'v0.0.1', stage: { prod: 'v0.0.1' } })
    await gto('register', 'cv:pool-seg', '--version', 'v0.0.2')
    await gto('assign', 'cv:pool-seg', '--version', 'v0.0.2', '--stage', 'prod')
    expect(await folder.json<WhichResult>('which', 'pool-seg#prod')).toMatchObject({
      version: '0.0.2',
      path: 'seg.pth',
    })
  })
})

if (!existsSync(GTO)) {
  it.skip('the real GTO: not installed (node test/interop/install.mjs needs Python and PyPI)', () => undefined)
}
