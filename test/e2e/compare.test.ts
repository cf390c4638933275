import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUNDLE, DATA, Place, type Work } from './harness.ts'
import { expectProblem } from './problem.ts'

interface Compared {
  models: { name: string; path: string; rev?: string; epoch: number | null; metrics: Record<string, number> }[]
  by: string | null
  direction: string
  differing: string[]
  failed: { path: string; code: string }[]
}

const FIRST = join(DATA, 'simple_cnn.pth')
const SECOND = join(DATA, 'simple_cnn_finetuned.pth')

let place: Place
let work: Work
beforeAll(async () => {
  place = new Place()
  work = await place.repository('work')
  mkdirSync(work.path('models'))
  copyFileSync(FIRST, work.path('models/a.pth'))
  work.write('data.txt', 'a')
  await work.ok('add', 'models/a.pth', 'data.txt')
  await work.commit('first')
  copyFileSync(SECOND, work.path('models/b.pth'))
  await work.ok('add', 'models/b.pth')
  await work.commit('second')
})
afterAll(() => place.dispose())

const names = ({ models }: Compared) => models.map(({ name }) => name)

describe('art compare', () => {
  test('has the best first, and everything that is a model by default', async () => {
    const compared = await work.json<Compared>('compare')
    expect(names(compared)).toEqual(['models/b.pth', 'models/a.pth'])
    expect(compared).toMatchObject({ by: 'val_acc', direction: 'highest' })
    expect(compared.models[0]).toMatchObject({ epoch: 5, metrics: { val_acc: 0.886 } })
    expect(names(await work.json<Compared>('compare', '--lowest'))).toEqual(['models/a.pth', 'models/b.pth'])
    expect(names(await work.json<Compared>('-C', work.path('models'), 'compare', '*.pth'))).toEqual(['b.pth', 'a.pth'])
  })

  test('takes revisions, files that are not tracked, and works without a repository', async () => {
    const versions = await work.json<Compared>('compare', 'HEAD~1:models/a.pth', 'models/b.pth')
    expect(names(versions)).toEqual(['models/b.pth', 'HEAD~1:models/a.pth'])
    const history = await work.json<Compared>('compare', 'models', '--rev', 'HEAD', '--rev', 'HEAD~1')
    expect(names(history)).toEqual(['HEAD:models/b.pth', 'HEAD:models/a.pth', 'HEAD~1:models/a.pth'])
    const { code, stdout } = await place.run('art', ['compare', FIRST, SECOND, '--format', 'csv'])
    expect([code, stdout.split('\n').length]).toEqual([0, 4])
  })

  test('prints what --format says', async () => {
    const { stdout } = await work.ok('compare', '--format', 'json')
    expect((JSON.parse(stdout) as Compared).models).toHaveLength(2)
    expect((await work.ok('compare', '--format', 'md')).stdout).toMatch(/^\| model \| val\\_acc \|/)
    expect((await work.ok('compare')).stdout).toMatch(/\n2 models; val_acc, the highest first\n$/)
  })

  test('of 1,000 checkpoints reads 1,000 pointers, and opens no content', async () => {
    const many = await place.repository('many')
    for (let i = 0; i < 1000; i++) {
      const oid = i.toString(16).padStart(64, '0')
      const block = `checkpoint:\n  format: pytorch\n  epoch: ${i}\n  val_acc: ${(i * 7919) % 1000}\n  config:\n    lr: 0.1\n`
      many.write(`runs/${i}.pth.art`, `art: 1\npath: ${i}.pth\noid: sha256:${oid}\nsize: 1\n${block}`)
      many.write(`runs/${i}.pth`, 'x')
    }
    const witness = place.write('witness.cjs', WITNESS)
    const env = { WITNESS: place.path('opened') }
    const began = performance.now()
    const args = ['--require', witness, BUNDLE, 'compare', '--json']
    const { stdout } = await place.run(process.execPath, args, { cwd: many.folder, env })
    expect(performance.now() - began).toBeLessThan(10_000)
    const { models } = JSON.parse(stdout) as Compared
    expect(models).toHaveLength(1000)
    expect(models[0]!.metrics).toEqual({ val_acc: 999 })
    expect(JSON.parse(readFileSync(env.WITNESS, 'utf8'))).toEqual({ pointers: 1000, contents: 0 })
  })

  test('says by name what is wrong', async () => {
    await expectProblem(work, ['compare', '--by', 'val_ac'], { code: 'USAGE', hint: /Did you mean val_acc/, exit: 2 })
    await expectProblem(work, ['compare', '--highest', '--lowest'], { code: 'USAGE', exit: 2 })
    await expectProblem(work, ['compare', '--rev', 'nowhere'], { code: 'GIT' })
    const { code, stdout } = await work.art('compare', 'models/a.pth', 'absent.pth', 'data.txt', '--json')
    expect(code).toBe(1)
    const { models, failed } = JSON.parse(stdout) as Compared
    expect(models).toHaveLength(1)
    expect(failed.map(({ path }) => path).sort()).toEqual(['absent.pth', 'data.txt'])
  })
})

/** Counts the files that are opened in the folder of the checkpoints, and in the cache. */
const WITNESS = `
const fs = require('node:fs')
const opened = { pointers: 0, contents: 0 }
const note = (path) => {
  if (/runs.*\\.art$/.test(path)) opened.pointers++
  else if (/runs|\\.art.cache.(objects|packs)./.test(path)) opened.contents++
}
const { openSync, open } = fs
const promises = require('node:fs/promises')
const { open: openLater } = promises
fs.openSync = (path, ...rest) => { note(String(path)); return openSync(path, ...rest) }
fs.open = (path, ...rest) => { note(String(path)); return open(path, ...rest) }
promises.open = (path, ...rest) => { note(String(path)); return openLater(path, ...rest) }
process.on('exit', () => fs.writeFileSync(process.env.WITNESS, JSON.stringify(opened)))
`
