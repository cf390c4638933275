import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, describe } from 'vitest'
import { eachRepository, freshName, place, store, work } from './fresh.ts'
import type { Work } from './harness.ts'
import { expectPlainError, expectProblem } from './problem.ts'
import { firstRelease, modelFile, modelsFile, NET, PATH, ready, reasons, type Released } from './release-model.ts'

eachRepository({ remote: true })

describe('a release is refused', () => {
  test('for all reasons at once', async () => {
    await firstRelease(work)
    work.write(PATH, modelFile(NET, { fill: 1 }))
    await work.ok('add', PATH)
    work.write('code.py', 'one')
    await work.git('add', 'code.py')
    const told = await reasons(work)
    expect(told).toMatch(
      /2 tracked files have changes that are not committed: code\.py, models\/resnet_best\.safetensors\.art/,
    )
    expectPlainError(await work.art('release', 'resnet'))
    renameSync(store, `${store}-away`)
    await work.git('commit', '-qam', 'all of it')
    work.write('code.py', 'two')
    const both = await reasons(work)
    expect(both).toMatch(/a tracked file has changes.*code\.py/)
    expect(both).toMatch(/remote/)
  })

  test.each(['pointer', 'models.yaml', 'metrics'])('while the %s is not committed', async (what) => {
    await ready(work, 'other.bin', Buffer.from('x'))
    const files = {
      'models.yaml': modelsFile({ resnet: { path: PATH, metrics: 'metrics.json' } }),
      'metrics.json': '{}',
    }
    work.write(PATH, modelFile(NET))
    for (const [name, text] of Object.entries(files)) work.write(name, text)
    await work.ok('add', PATH)
    await work.ok('push')
    await work.git('add', '-A')
    const path = what === 'pointer' ? `${PATH}.art` : what === 'metrics' ? 'metrics.json' : what
    await work.git('rm', '-q', '--cached', path)
    await work.git('commit', '-qm', 'all but one')
    expect(await reasons(work)).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')} is not committed.*git add`, 'm'))
  })

  test('while the metrics file is in an encoding that cannot be read, which no commit cures', async () => {
    await ready(work, PATH, modelFile(NET), {
      'models.yaml': modelsFile({ resnet: { path: PATH, metrics: 'metrics.json' } }),
    })
    writeFileSync(work.path('metrics.json'), Buffer.from('{"note": "Müller"}', 'latin1'))
    await work.git('add', 'metrics.json')
    await work.git('commit', '-qm', 'metrics')
    expect(await reasons(work)).toMatch(/^metrics\.json is no file with text in UTF-8 \[metrics\.json\] Convert/m)
  })

  test('while data has changed since its pointer, or a file that would be written is not committed', async () => {
    await ready(work, PATH, modelFile(NET))
    work.write(PATH, modelFile(NET, { fill: 9 }))
    expect(await reasons(work)).toMatch(/data has changed.*art add/)
    await work.ok('checkout', '--force', PATH)
    work.write('MODELS.md', 'mine')
    expect(await reasons(work)).toMatch(/MODELS\.md cannot be written/)
    expect(readFileSync(work.path('MODELS.md'), 'utf8')).toBe('mine')
  })

  test('where the remote lacks the content, has a part of it, is gone, or is not set up', async () => {
    work.write(PATH, modelFile(NET))
    await work.ok('add', PATH)
    await work.commit('not pushed')
    expect(await reasons(work)).toMatch(/content is not on the remote.*art push models\/resnet_best/)
    await work.ok('push')
    rmSync(join(store, 'packs'), { recursive: true })
    expect(await reasons(work)).toMatch(/only a part of it|not on the remote/)
    await work.ok('remote', 'add', 'dead', 's3://there/x', '--endpoint', 'http://127.0.0.1:1')
    const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' }
    await work.commit('a remote that is not there')
    const dead = await work.artWith({ env: keys }, 'release', 'resnet', '-r', 'dead')
    expect(dead.code).toBe(1)
    expect(dead.stderr).toMatch(/the remote could not be asked whether it has the content.*127\.0\.0\.1:1/)
    for (const name of ['origin', 'dead']) await work.ok('remote', 'remove', name)
    await work.commit('no remote')
    expect(await reasons(work)).toMatch(/there is no remote.*art remote add/)
  })

  test('where loading it runs anything, wherever the content is, unless that is allowed', async () => {
    const evil = Buffer.from("cos\nsystem\n(S'true'\ntR.", 'latin1')
    await ready(work, 'models/resnet.pkl', evil)
    expect(await reasons(work)).toMatch(/loading it can run anything: it imports (?:os|posix)\.system.*art scan/)
    rmSync(work.path('.art/cache'), { recursive: true })
    expect(await reasons(work)).toMatch(/loading it can run anything/)
    await work.ok('config', '--local', 'check.allow_imports', 'os.system,posix.system')
    expect(await work.json<Released>('release', 'resnet')).toMatchObject({ version: '1.0.0' })
  })

  test('where the last release has the same content, unless that is wanted', async () => {
    await firstRelease(work)
    expect(await reasons(work)).toMatch(/1\.0\.0 has the same content already.*--allow-equal/)
    expect(await work.json<Released>('release', 'resnet', '--allow-equal')).toMatchObject({ version: '1.0.1' })
  })

  test('and not for a content that is about to be replaced', async () => {
    await firstRelease(work)
    work.write(PATH, modelFile(NET, { fill: 1 }))
    expect(await reasons(work)).not.toMatch(/same content/)
    await work.ok('add', PATH)
    const told = await reasons(work)
    expect(told).toMatch(/not committed/)
    expect(told).not.toMatch(/same content/)
  })

  test('where its commit has a version of the model already: GTO reads no tag then', async () => {
    await firstRelease(work)
    expect(await reasons(work, '--no-commit', '--allow-equal')).toMatch(
      /the commit has a version of resnet already.*resnet@v1\.0\.0.*--no-commit/,
    )
    work.write('code.py', 'one')
    await work.commit('something else')
    await work.ok('release', 'resnet', '--no-commit', '--allow-equal')
  })

  test('in a shallow clone, in one without tags, and in the middle of a merge', async () => {
    await firstRelease(work)
    await ready(work, PATH, modelFile(NET, { fill: 1 }))
    const name = freshName('clone')
    await work.git('clone', '-q', '--depth=1', '--no-tags', `file://${work.folder}`, place.path(name))
    const clone = await place.clone(work.folder, freshName('clone'))
    const shallow = new (work.constructor as typeof Work)(place, place.path(name))
    expect(await reasons(shallow)).toMatch(/shallow.*git fetch --unshallow --tags/)
    await clone.git('tag', '-d', 'resnet@v1.0.0')
    expect(await reasons(clone)).toMatch(/files tell of 1\.0\.0, of which there is no tag here.*git fetch --tags/)
    writeFileSync(work.path('.git/MERGE_HEAD'), `${await work.git('rev-parse', 'HEAD')}\n`)
    writeFileSync(work.path('.git/index.lock'), '')
    expect(await reasons(work)).toMatch(/a merge is under way[^]*another git command is at work/)
  })

  test('on no branch, for a commit; a tag alone is made there', async () => {
    await ready(work, PATH, modelFile(NET))
    await work.git('switch', '-q', '--detach')
    expect(await reasons(work)).toMatch(/HEAD is on no branch.*--no-commit/)
    const { stdout } = await work.ok('release', 'resnet', '--no-commit')
    expect(stdout).toContain('`art models --fix`')
    expect(await work.git('rev-parse', 'resnet@v1.0.0^{commit}')).toBe(await work.git('rev-parse', 'HEAD'))
    expect(await work.git('status', '--porcelain')).toBe('')
    await work.git('switch', '-q', 'main')
    await work.ok('models', '--fix')
    await work.ok('models', '--check', '--strict')
  })

  test('without a name and a mail', async () => {
    await ready(work, PATH, modelFile(NET))
    await work.git('config', 'user.useConfigOnly', 'true')
    const nobody = Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => ['NAME', 'EMAIL'].map((what) => [`GIT_${who}_${what}`, undefined])),
    )
    const { code, stderr } = await work.artWith({ env: nobody }, 'release', 'resnet')
    expect(code).toBe(1)
    expect(stderr).toMatch(/git does not know who you are[^]*user\.email/)
  })

  test('for names that are none, with what could be meant', async () => {
    await firstRelease(work)
    const usage = { code: 'USAGE', exit: 2 }
    await expectProblem(work, ['release', 'resnet@v1.2.0'], { ...usage, hint: /art release resnet --version 1\.2\.0/ })
    await expectProblem(work, ['release', 'resnet#prod'], { ...usage, hint: /art release resnet/ })
    await expectProblem(work, ['release', 'res net'], usage)
    await expectProblem(work, ['release', 'resnt'], { code: 'NOT_FOUND', hint: /Did you mean resnet\?/ })
    await expectProblem(work, ['release', PATH], { code: 'NOT_FOUND', hint: /Did you mean resnet\?/ })
    await expectProblem(work, ['release', 'a/b'], { code: 'NOT_FOUND', hint: /models init/ })
  })
})
