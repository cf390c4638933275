import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { eachRepository, freshName, place, work } from './fresh.ts'
import type { Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { modelFile, NET, PATH, ready, refsOf, type Released } from './release-model.ts'

eachRepository({ remote: true })

/** The bare repository that everybody pushes to. */
let hub: string

beforeEach(async () => {
  hub = place.path(freshName('hub'))
  await place.run('git', ['init', '-q', '--bare', '-b', 'main', hub])
  await work.git('remote', 'add', 'origin', hub)
  await ready(work, PATH, modelFile(NET))
  await work.git('push', '-q', '-u', 'origin', 'main')
})

async function refsThere(): Promise<string> {
  const { stdout } = await place.run('git', ['-C', hub, 'for-each-ref', '--format=%(refname) %(objectname)'])
  return stdout.trim()
}

/** A hook that is run in a git folder. */
function hook(folder: string, name: string, script: string): void {
  mkdirSync(join(folder, 'hooks'), { recursive: true })
  writeFileSync(join(folder, 'hooks', name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'hooks', name), 0o755)
}

/** A release that must fail and leave all as it was, here and there; returns what is said. */
async function refused(of: Work, ...args: string[]): Promise<string> {
  const before = [await refsOf(of), await of.git('status', '--porcelain'), await of.git('rev-parse', 'HEAD')]
  const { code, stdout, stderr } = await of.art('release', 'resnet', '--push', ...args)
  expect(code, stdout).toBe(1)
  expect([await refsOf(of), await of.git('status', '--porcelain'), await of.git('rev-parse', 'HEAD')]).toEqual(before)
  return stderr
}

/** Files that git has locked. */
function locksIn(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.lock'))
}

describe('a release that is pushed', () => {
  test('arrives with its branch', async () => {
    const released = await work.json<Released>('release', 'resnet', '--push')
    expect(released).toMatchObject({ pushed: { remote: 'origin', branch: 'main' }, next: null })
    expect(await refsThere()).toBe(await refsOf(work))
    expect(await work.git('rev-parse', 'origin/main')).toBe(released.commit)
    expect(await work.git('status', '-sb')).toBe('## main...origin/main')
    const clone = await place.clone(hub, freshName('clone'))
    await clone.ok('pull')
    expect(await clone.git('tag')).toBe('resnet@v1.0.0')
  })

  test('goes where git would push: the branch that is followed, another remote that is named', async () => {
    const other = place.path(freshName('hub'))
    await place.run('git', ['init', '-q', '--bare', other])
    await work.git('remote', 'add', 'other', other)
    await work.git('push', '-q', 'origin', 'main:trunk')
    await work.git('branch', '-q', '-m', 'main', 'mine')
    await work.git('fetch', '-q')
    await work.git('branch', '-q', '--set-upstream-to=origin/trunk')
    expect(await work.json<Released>('release', 'resnet', '--push')).toMatchObject({ pushed: { branch: 'trunk' } })
    await ready(work, PATH, modelFile(NET, { fill: 1 }))
    const { next } = await work.json<Released>('release', 'resnet', '-n')
    expect(next?.join(' ')).toBe('git push --follow-tags --atomic origin mine:trunk resnet@v1.0.1')
    expect(await work.json<Released>('release', 'resnet', '--push', 'other')).toMatchObject({
      pushed: { remote: 'other', branch: 'mine' },
      notes: [expect.stringContaining('other lacks resnet@v1.0.0')],
    })
    await expectProblem(work, ['release', 'resnet', 'other'], { code: 'USAGE', hint: /--push/, exit: 2 })
  })

  test('without a branch sends the tag alone', async () => {
    const main = await work.git('rev-parse', 'main')
    await work.ok('release', 'resnet', '--push', '--no-commit')
    expect((await refsThere()).split('\n')).toEqual([
      `refs/heads/main ${main}`,
      `refs/tags/resnet@v1.0.0 ${await work.git('rev-parse', 'resnet@v1.0.0')}`,
    ])
  })
})

describe('two people', () => {
  test('release one after the other: the second is told what is missing, and goes on with it', async () => {
    const second = await place.clone(hub, freshName('clone'))
    await second.ok('pull')
    await work.ok('release', 'resnet', '--push')
    await ready(second, PATH, modelFile(NET, { fill: 5 }))
    const told = await refused(second)
    expect(told).toMatch(/origin has commits of main that are not here[^]*git pull --tags origin main/)
    expect(told).toMatch(/origin has versions that are not here: resnet@v1\.0\.0[^]*git fetch --tags origin/)
    await second.git('pull', '-q', '--tags', '--no-rebase', '--no-edit', 'origin', 'main')
    expect(await second.json<Released>('release', 'resnet', '--push')).toMatchObject({ version: '1.0.1' })
  })

  test('release in the same moment: the second push is refused whole', async () => {
    const second = await place.clone(hub, freshName('clone'))
    await second.ok('pull')
    // The first gets in between the second's question and its push.
    const once = place.path(freshName('once'))
    const first = `cd '${work.folder}' && env -u GIT_DIR GIT_COMMITTER_NAME=Bob art release resnet --push`
    hook(second.path('.git'), 'pre-push', `[ -e '${once}' ] || { touch '${once}'; ${first}; } >&2`)
    expect(await refused(second)).toMatch(
      /origin (?:has moved on|has a tag of that name already)[^]*Nothing was changed[^]*git (?:pull|fetch) --tags origin/,
    )
    expect(existsSync(once)).toBe(true)
    expect(await refsThere()).toBe(await refsOf(work))
    await second.git('pull', '-q', '--tags', 'origin', 'main')
    expect(await refused(second)).toContain('1.0.0 has the same content already')
  })

  test('release a tag without a commit in the same moment', async () => {
    const second = await place.clone(hub, freshName('clone'))
    await second.ok('pull')
    const once = place.path(freshName('once'))
    const first = `cd '${work.folder}' && env -u GIT_DIR art release resnet --push --no-commit -m mine`
    hook(second.path('.git'), 'pre-push', `[ -e '${once}' ] || { touch '${once}'; ${first}; } >&2`)
    expect(await refused(second, '--no-commit')).toMatch(/origin has a tag of that name already: resnet@v1\.0\.0/)
  })
})

test('made here while somebody else made it there: the way back is told, and works', async () => {
  const second = await place.clone(hub, freshName('second'))
  await second.ok('pull')
  await work.ok('release', 'resnet')
  // In the same second one person would make the same commit.
  expect((await second.artWith({ env: { GIT_COMMITTER_NAME: 'Bob' } }, 'release', 'resnet', '--push')).code).toBe(0)
  await expect(work.git('pull', '-q', '--tags', 'origin', 'main')).rejects.toThrow()
  await ready(work, PATH, modelFile(NET, { fill: 1 }))
  expect(await refused(work)).toMatch(
    /resnet@v1\.0\.0 here is not what origin has: somebody else was faster[^]*git tag -d resnet@v1\.0\.0[^]*HEAD~1/,
  )
  await work.git('reset', '-q', '--keep', 'HEAD~1')
  await work.git('tag', '-d', 'resnet@v1.0.0')
  await work.git('reset', '-q', '--keep', 'HEAD~1')
  await work.git('pull', '-q', '--tags', 'origin', 'main')
  await ready(work, PATH, modelFile(NET, { fill: 1 }))
  expect(await work.json<Released>('release', 'resnet', '--push')).toMatchObject({ version: '1.0.1' })
})

test('of two releases the branch was sent with the tag of one: who made the other is told, and nobody takes it for gone', async () => {
  const { next } = await work.json<Released>('release', 'resnet')
  await ready(work, 'models/cnn.safetensors', modelFile(NET, { fill: 2 }))
  const lacks = 'origin lacks resnet@v1.0.0: `git push origin resnet@v1.0.0`'
  const { notes } = await work.json<Released>('release', 'cnn', '--push')
  expect(notes.join()).toContain(lacks)
  expect((await work.ok('stage', 'cnn', 'production', '--push')).stderr).toContain(lacks)

  const clone = await place.clone(hub, freshName('clone'))
  expect((await clone.ok('models')).stderr).toMatch(
    /tell of resnet@v1\.0\.0, of which there is no tag here: `git fetch --tags`/,
  )
  const { code, stderr } = await clone.art('models', '--check')
  expect([code, stderr]).toEqual([1, expect.stringContaining('whoever released it has not pushed its tag')])
  expect((await clone.ok('models', '--fix')).stderr).toMatch(
    /of resnet@v1\.0\.0 there is no tag here.*have its tag pushed/,
  )

  const [command, ...words] = next!
  await place.run(command!, words, { cwd: work.folder })
  await clone.git('fetch', '-q', '--tags')
  await clone.ok('models', '--fix')
  await clone.ok('models', '--check')
})

describe('a push that is refused leaves nothing', () => {
  test('by a protected branch', async () => {
    hook(hub, 'update', '[ "$1" != refs/heads/main ] || { echo "main is protected" >&2; exit 1; }')
    const before = await refsThere()
    expect(await refused(work)).toMatch(
      /origin refused the push: main[^]*\n {2}main: hook declined\n[^]*\n {2}origin says: main is protected\n[^]*--no-commit/,
    )
    expect(await refsThere()).toBe(before)
    await work.ok('release', 'resnet', '--push', '--no-commit')
  })

  test('by a hook here', async () => {
    hook(work.path('.git'), 'pre-push', 'echo "not on a Friday" >&2; exit 1')
    const before = await refsThere()
    expect(await refused(work)).toMatch(/the push failed[^]*git says: not on a Friday\n/)
    expect(await refsThere()).toBe(before)
  })

  test('by a tag that only the remote has', async () => {
    await place.run('git', ['-C', hub, 'tag', 'resnet@v3.0.0', 'main'])
    expect(await refused(work, '--version', '3.0.0')).toMatch(/origin has a tag of that name already: resnet@v3\.0\.0/)
    expect(await refused(work)).toMatch(/origin has versions that are not here: resnet@v3\.0\.0/)
  })

  test('by a remote that is not there, or that nobody named', async () => {
    await work.git('remote', 'set-url', 'origin', place.path('nowhere'))
    expect(await refused(work)).toMatch(/the git remote could not be asked[^]*nowhere/)
    expect(await refused(work, 'upstream')).toMatch(/git has no such remote: upstream[^]*--push origin/)
    await work.git('remote', 'remove', 'origin')
    expect(await refused(work)).toMatch(/git has no remote to push to/)
  })
})

test('an answer that was lost is asked for again', async () => {
  // The remote takes all of it, and then the connection breaks.
  hook(hub, 'post-receive', 'kill -9 $PPID; sleep 1')
  const { code, stdout, stderr } = await work.art('release', 'resnet', '--push')
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('sent to  origin: main and resnet@v1.0.0')
  expect(await refsThere()).toBe(await refsOf(work))
})

test('a branch that moved here while it was sent: what stands is said', async () => {
  hook(work.path('.git'), 'pre-push', 'env -u GIT_DIR git commit -q --allow-empty -m meanwhile')
  const { code, stderr } = await work.art('release', 'resnet', '--push')
  expect(code).toBe(1)
  expect(stderr).toMatch(/the release stands on origin, but not here[^]*git pull --tags origin/)
  await work.git('pull', '-q', '--tags', '--no-rebase', '--no-edit', 'origin', 'main')
  expect(await work.git('tag')).toBe('resnet@v1.0.0')
})

test("art's own hook sends contents before the release", async () => {
  await work.ok('install')
  expect(await work.json<Released>('release', 'resnet', '--push')).toMatchObject({ version: '1.0.0' })
})

describe('a release that is killed', () => {
  /** For hooks: ends the `art` that has started this git. */
  const KILL = `kill -9 "$(cut -d' ' -f4 "/proc/$PPID/stat")"`

  test('while it is sent: what arrived is pulled, and nothing is made twice', async () => {
    const before = await refsOf(work)
    hook(work.path('.git'), 'pre-push', KILL)
    const killed = await work.art('release', 'resnet', '--push')
    expect(killed.code).toBe('SIGKILL')
    expect(await refsOf(work)).toBe(before)
    expect(await work.git('status', '--porcelain')).toBe('')
    rmSync(work.path('.git/hooks/pre-push'))
    await expect.poll(refsThere, { timeout: 30_000 }).toContain('refs/tags/resnet@v1.0.0')
    expect(await refused(work)).toMatch(/versions that are not here: resnet@v1\.0\.0/)
    await work.git('pull', '-q', '--tags', 'origin', 'main')
    expect(await refused(work)).toContain('1.0.0 has the same content already')
  })

  test.each(['prepared', 'committed'])(
    'when its references are %s: both stand or neither, and the next goes on from there',
    async (state) => {
      const once = place.path(freshName('once'))
      const isIt = `[ "$1" = ${state} ] && grep -q refs/tags/ && [ ! -e '${once}' ]`
      hook(work.path('.git'), 'reference-transaction', `if ${isIt}; then touch '${once}'; ${KILL}; fi; exit 0`)
      const before = await work.git('rev-parse', 'main')
      const killed = await work.art('release', 'resnet')
      expect(killed.code).toBe('SIGKILL')
      // git lives on: it ends the transaction, or dies of telling a process that is no more how far it is.
      await expect.poll(() => locksIn(work.path('.git')), { timeout: 30_000 }).toEqual([])
      const stands = (await work.git('tag')) === 'resnet@v1.0.0'
      if (state === 'committed') expect(stands).toBe(true)
      const released = stands ? await work.git('rev-parse', 'resnet@v1.0.0^{commit}') : before
      expect(await work.git('rev-parse', 'main')).toBe(released)
      const { code, stderr } = await work.art('release', 'resnet')
      if (stands) expect(stderr).toContain('1.0.0 has the same content already')
      else expect(code, stderr).toBe(0)
      expect(await work.git('status', '--porcelain')).toBe('')
      expect(await work.git('fsck', '--strict', '--no-dangling')).toBe('')
    },
  )
})
