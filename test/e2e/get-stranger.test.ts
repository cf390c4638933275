import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { freshName } from './fresh.ts'
import { here, place } from './get-place.ts'
import { NEW, team, withTeam } from './get-team.ts'
import type { Work } from './harness.ts'
import { expectProblem } from './problem.ts'

withTeam()

describe('a stranger', () => {
  /** A bare repository with this configuration, and a pointer of what its remote may have. */
  async function stranger(
    remote: string,
    more: (work: Work) => Promise<void> | void = () => undefined,
  ): Promise<string> {
    const name = freshName('s')
    const work = await place.repository(name)
    work.write(
      '.art/config.yaml',
      `${readFileSync(work.path('.art/config.yaml'), 'utf8')}remote:\n  origin:\n${remote}`,
    )
    work.write('net.pth.art', readFileSync(team.origin.path('models/net.pth.art'), 'utf8'))
    await more(work)
    await work.commit('x')
    await place.run('git', ['clone', '-q', '--bare', work.folder, place.path(`${name}.git`)])
    rmSync(work.folder, { recursive: true })
    return team.address.replace('team/models.git', `${name}.git`)
  }

  test('runs no program by an address', async () => {
    for (const url of [`ext::sh -c 'touch ${here.path('run')}'`, '--upload-pack=touch run', 'ftp://host/x'])
      await expectProblem(here, ['get', '--', url, 'net.pth'], { code: 'USAGE', path: url, exit: 2 })
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('gets no credentials by naming a server', async () => {
    const url = await stranger('    url: s3://bucket/x\n    endpoint: https://evil.example.org\n')
    const env = { AWS_ACCESS_KEY_ID: 'AKIAxxxxxxxxxxxxxxxx', AWS_SECRET_ACCESS_KEY: 'secret' }
    await expectProblem(here, ['get', url, 'net.pth'], {
      code: 'CONFIG_INVALID',
      path: '.art/config.yaml',
      run: { env },
    })
    const { stderr } = await here.artWith({ env }, 'get', url, 'net.pth')
    expect(stderr).toContain('art config --global core.trusted_endpoints https://evil.example.org')
    // Its own word that it may be trusted counts for nothing.
    const again = await stranger('    url: s3://bucket/x\n    endpoint: https://evil.example.org\n', (work) => {
      const text = readFileSync(work.path('.art/config.yaml'), 'utf8')
      work.write('.art/config.yaml', `${text}core:\n  trusted_endpoints: https://evil.example.org\n`)
    })
    await expectProblem(here, ['get', again, 'net.pth'], {
      code: 'CONFIG_INVALID',
      path: '.art/config.yaml',
      run: { env },
    })
  })

  test('names no folder beside itself on this machine, but one that is there for all', async () => {
    const relative = await stranger('    url: ../../../team/store\n')
    await expectProblem(here, ['get', relative, 'net.pth'], { code: 'REMOTE_NOT_FOUND', path: '../../../team/store' })
    const absolute = await stranger(`    url: ${place.path('team/store')}\n`)
    await here.ok('get', absolute, 'net.pth')
    expect(readFileSync(here.path('net.pth'))).toEqual(NEW)
  })

  test('cannot give other bytes than its pointer says, or write elsewhere', async () => {
    const elsewhere = await stranger(`    url: ${place.path('team/store')}\n`, (work) => {
      const text = readFileSync(team.origin.path('models/net.pth.art'), 'utf8')
      work.write('evil.art', text.replace('path: net.pth', 'path: ../../evil'))
      work.write(
        'other.pth.art',
        text.replace('net.pth', 'other.pth').replace(/sha256:[0-9a-f]{64}\nsize/, `sha256:${'0'.repeat(64)}\nsize`),
      )
    })
    await expectProblem(here, ['get', elsewhere, 'evil'], { code: 'POINTER_INVALID', path: 'evil.art' })
    await expectProblem(here, ['get', elsewhere, 'other.pth'], { code: 'MISSING_OBJECTS', path: 'other.pth' })
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('gives no part of a folder whose links lead out of it', async () => {
    await expectProblem(here, ['get', team.address, 'data/sub'], { code: 'SYMLINK', path: 'sub/up' })
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('has to be a repository of art', async () => {
    const plain = await place.repository(freshName('p'), { art: false })
    plain.write('x', 'x')
    await plain.commit('x')
    await expectProblem(here, ['get', `file://${plain.folder}`, 'x'], {
      code: 'NOT_A_REPOSITORY',
      path: `file://${plain.folder}`,
    })
    await expectProblem(here, ['get', `file://${place.path('nowhere')}`, 'x'], {
      code: 'NOT_FOUND',
      path: `file://${place.path('nowhere')}`,
    })
    await expectProblem(here, ['get', team.address.replace('models.git', 'none.git'), 'x'], {
      code: 'GIT',
      path: team.address.replace('models.git', 'none.git'),
    })
  })
})
