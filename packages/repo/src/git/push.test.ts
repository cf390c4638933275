import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { isBehindHead, pushPrepared, pushTarget, pushWords, remoteRefs } from './push.ts'
import { prepare } from './publish.ts'

const MAIN = 'refs/heads/main'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
  made.commit('first')
})
afterEach(() => made.remove())

function remotes(...names: string[]): void {
  for (const name of names) {
    made.gitIn(made.base, 'init', '-q', '--bare', `${name}.git`)
    made.git('remote', 'add', name, join(made.base, `${name}.git`))
  }
}

describe('where a push goes', () => {
  it('to the only remote, to origin among several, to none that is not named otherwise', async () => {
    const repo = await made.open()
    await expect(pushTarget(repo, MAIN)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'git has no remote to push to',
    })
    remotes('hub')
    expect(await pushTarget(repo, MAIN)).toEqual({ remote: 'hub', branch: MAIN })
    remotes('other')
    await expect(pushTarget(repo, MAIN)).rejects.toMatchObject({ hint: 'Name one: --push hub or --push other.' })
    remotes('origin')
    expect(await pushTarget(repo, MAIN)).toEqual({ remote: 'origin', branch: MAIN })
    expect(await pushTarget(repo, undefined)).toEqual({ remote: 'origin' })
  })

  it('as the configuration of the branch says, before that of the repository', async () => {
    const repo = await made.open()
    remotes('a', 'b', 'c', 'd')
    made.git('config', 'branch.main.remote', 'a')
    made.git('config', 'branch.main.merge', 'refs/heads/trunk')
    expect(await pushTarget(repo, MAIN)).toEqual({ remote: 'a', branch: 'refs/heads/trunk' })
    made.git('config', 'remote.pushDefault', 'b')
    expect(await pushTarget(repo, MAIN)).toEqual({ remote: 'b', branch: MAIN })
    made.git('config', 'branch.main.pushRemote', 'c')
    expect(await pushTarget(repo, MAIN)).toEqual({ remote: 'c', branch: MAIN })
    expect(await pushTarget(repo, MAIN, 'd')).toEqual({ remote: 'd', branch: MAIN })
  })

  it('never to an address or an option in place of a name', async () => {
    remotes('origin')
    const repo = await made.open()
    for (const name of ['--upload-pack=touch x', join(made.base, 'origin.git'), '', 'a\nb'])
      await expect(pushTarget(repo, MAIN, name)).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('in words', () => {
    const target = { remote: 'origin', branch: MAIN }
    expect(pushWords(target, MAIN, ['n@v1.0.0']).join(' ')).toBe('git push --atomic origin main n@v1.0.0')
    expect(pushWords(target, 'refs/heads/mine', ['t']).join(' ')).toBe('git push --atomic origin mine:main t')
    expect(pushWords({ remote: 'origin' }, undefined, ['t']).join(' ')).toBe('git push origin t')
  })
})

describe('a commit and tags that nothing refers to', () => {
  const publication = { files: [{ path: 'x', text: 'y' }], message: 'm', tags: [{ name: 'n@v1.0.0', message: 'n' }] }

  it('arrive together, and only the remote knows of them', async () => {
    remotes('origin')
    const repo = await made.open()
    const prepared = await prepare(repo, publication)
    await pushPrepared(repo, prepared, { remote: 'origin', branch: MAIN })
    const there = await remoteRefs(repo, 'origin')
    expect([...there.branches]).toEqual([[MAIN, prepared.commit]])
    expect([...there.tags]).toEqual([['n@v1.0.0', prepared.tags[0]!.object]])
    expect(made.git('tag')).toBe('')
    expect(await isBehindHead(repo, prepared.commit!)).toBe(false)
    expect(await isBehindHead(repo, prepared.before)).toBe(true)
    expect(await isBehindHead(repo, 'f'.repeat(40))).toBe(false)
  })

  it('do not arrive where the remote has a branch that moved, or the tag', async () => {
    remotes('origin')
    const repo = await made.open()
    const prepared = await prepare(repo, publication)
    const target = { remote: 'origin', branch: MAIN }
    made.git('push', '-q', 'origin', 'HEAD:refs/tags/n@v1.0.0')
    await expect(pushPrepared(repo, prepared, target)).rejects.toMatchObject({ code: 'TAG_EXISTS', path: 'n@v1.0.0' })
    made.git('push', '-q', 'origin', ':refs/tags/n@v1.0.0')
    const elsewhere = made.git('commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', 'elsewhere')
    made.git('push', '-q', 'origin', `${elsewhere}:${MAIN}`)
    await expect(pushPrepared(repo, prepared, target)).rejects.toMatchObject({ code: 'GIT', path: 'main' })
    expect([...(await remoteRefs(repo, 'origin')).tags]).toEqual([])
  })

  it('are refused with the reference that a hook of the remote was against', async () => {
    remotes('origin')
    const repo = await made.open()
    const prepared = await prepare(repo, publication)
    const hook = join(made.base, 'origin.git/hooks/update')
    mkdirSync(join(made.base, 'origin.git/hooks'), { recursive: true })
    for (const [kind, path, hint] of [
      ['tags', 'n@v1.0.0', /^(?!.*protected)/],
      ['heads', 'main', /--no-commit/],
    ] as const) {
      writeFileSync(hook, `#!/bin/sh\ncase $1 in refs/${kind}/*) exit 1;; esac\n`, { mode: 0o755 })
      await expect(pushPrepared(repo, prepared, { remote: 'origin', branch: MAIN })).rejects.toMatchObject({
        code: 'GIT',
        path,
        hint: expect.stringMatching(hint),
      })
    }
  })
})
