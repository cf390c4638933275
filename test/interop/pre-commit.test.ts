import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Place, ROOT, type Work } from '../e2e/harness.ts'

const preCommit = join(ROOT, '.tools/pre-commit/bin/pre-commit')

describe.skipIf(!existsSync(preCommit))('the real pre-commit, installing art from its git URL', () => {
  let place: Place
  let work: Work

  /** What a commit of this checkout would hold, as a repository that pre-commit can clone. */
  async function publish(): Promise<{ url: string; rev: string }> {
    const listed = await place.run('git', ['-C', ROOT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'])
    const source = await place.repository('published', { art: false })
    for (const path of listed.stdout.split('\0')) {
      if (path === '' || !existsSync(join(ROOT, path))) continue
      mkdirSync(dirname(source.path(path)), { recursive: true })
      copyFileSync(join(ROOT, path), source.path(path))
    }
    await source.commit('all of it')
    return { url: source.folder, rev: await source.git('rev-parse', 'HEAD') }
  }

  beforeAll(async () => {
    place = new Place()
    const { url, rev } = await publish()
    work = await place.repository('project')
    work.write(
      '.pre-commit-config.yaml',
      `repos:\n  - repo: ${url}\n    rev: ${rev}\n    hooks:\n      - id: art-check\n`,
    )
    work.write('model.pth', 'weights')
    await work.ok('add', 'model.pth')
    await work.git('add', '-A')
    // The cache of npm may be used: what is under test is the installation, not the registry.
    const { code, stdout, stderr } = await place.run(preCommit, ['install', '--install-hooks'], {
      cwd: work.folder,
      env: { npm_config_cache: process.env['npm_config_cache'], PRE_COMMIT_HOME: place.path('pre-commit') },
    })
    if (code !== 0) throw new Error(`pre-commit install --install-hooks: ${stdout}${stderr}`)
    Object.assign(place.env, { PRE_COMMIT_HOME: place.path('pre-commit') })
  })
  afterAll(() => place.dispose())

  it('lets a commit through whose pointers are cached', async () => {
    await work.git('commit', '-m', 'model')
    expect(await work.git('ls-files')).toContain('model.pth.art')
  })

  it('blocks a commit whose data changed since its pointer was written', async () => {
    work.write('model.pth', 'other weights')
    work.write('notes.txt', 'x')
    await work.git('add', 'notes.txt')
    const outcome = await place.run('git', ['commit', '-m', 'stale'], { cwd: work.folder })
    expect(outcome.code).not.toBe(0)
    expect(`${outcome.stdout}${outcome.stderr}`).toContain('model.pth')
  })
})

if (!existsSync(preCommit)) {
  it.skip('the real pre-commit: not installed (node test/interop/install.mjs needs Python and PyPI)', () => undefined)
}
