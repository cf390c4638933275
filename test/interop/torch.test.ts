import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileSource } from '@art/checkpoint/source/file.ts'
import { scanFile, weightsOnly } from '@art/checkpoint/scan/scan.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DATA, Place } from '../e2e/harness.ts'
import { expectFacts, filesWithFacts, tableOf } from './torch/facts.ts'
import { python, SCRIPTS, skipReason, torch } from './torch/python.ts'

describe.skipIf(torch === undefined)('model files, beside the real PyTorch', () => {
  let place: Place
  let made: string
  let wide: string

  beforeAll(async () => {
    place = new Place()
    made = place.path('made')
    wide = place.path('wide')
    mkdirSync(made)
    // It writes beside itself.
    for (const name of readdirSync(join(DATA, 'models/torch')).filter((file) => file.endsWith('.py')))
      copyFileSync(join(DATA, 'models/torch', name), join(made, name))
    await python(place, join(made, 'make.py'), [])
    await python(place, join(SCRIPTS, 'write.py'), [wide, ...(torch!.onnx ? ['--onnx'] : [])])
  })
  afterAll(() => place.dispose())

  it('reads what this torch writes with the script of the test data, as torch does', async () => {
    const names = filesWithFacts(made)
    expect(names.length).toBeGreaterThan(40)
    for (const name of names) await expectFacts(made, name)
  })

  it('reads files of training and deployment, of many models in many formats, as their libraries do', async () => {
    const names = filesWithFacts(wide)
    expect(names.length).toBeGreaterThan(60)
    for (const name of names) await expectFacts(wide, name)
  })

  it('tells every optimizer of torch.optim by its state, and how many steps it took', async () => {
    const { kinds } = JSON.parse(readFileSync(join(wide, 'optimizers.json'), 'utf8')) as {
      kinds: Record<string, string>
    }
    // These keep no count.
    const without = new Set(['LBFGS', 'Muon', 'SGD'])
    for (const [name, kind] of Object.entries(kinds)) {
      const { facts } = await tableOf(join(wide, name))
      const found = facts.optimizers.map((one) => [one.path, one.kind, one.steps, one.lr])
      expect.soft(found, name).toEqual([['optimizer_state_dict', kind, without.has(kind) ? undefined : 3, [0.01]]])
    }
    expect(Object.keys(kinds).length).toBeGreaterThan(13)
  })

  it('has one weights digest for a model, in whatever format it is', async () => {
    for (const kind of ['residual', 'recurrent', 'language']) {
      const names = filesWithFacts(wide).filter((name) => name.startsWith(`${kind}.`) && !name.endsWith('.onnx'))
      // TorchScript knows no buffer that is not saved, and the language model has one.
      const same = names.filter((name) => kind !== 'language' || !name.includes('traced'))
      const digests = await Promise.all(same.map(async (name) => (await tableOf(join(wide, name))).facts.weights))
      expect(new Set(digests).size, `${kind}: ${same.join(', ')}`).toBe(1)
      expect(same.length).toBeGreaterThan(8)
    }
  })

  it('says of every file what torch.load(weights_only=True) says', async () => {
    const paths = [made, wide].flatMap((folder) =>
      filesWithFacts(folder)
        .filter((name) => /\.(?:pth|pt|pt2|bin)$/.test(name))
        .map((name) => join(folder, name)),
    )
    const said = JSON.parse(await python(place, join(SCRIPTS, 'weights_only.py'), [], paths.join('\n'))) as Record<
      string,
      string | null
    >
    for (const [path, error] of Object.entries(said)) {
      const source = await fileSource(path)
      const { accepted, globals, opcodes, reason } = weightsOnly(await scanFile(source))
      await source.close()
      expect
        .soft(accepted, `${path}: torch says ${error}, art ${[...globals, ...opcodes, reason].join(', ')}`)
        .toBe(error === null)
    }
    expect(Object.keys(said).sort()).toEqual(paths.sort())
  })
})

if (torch === undefined) it.skip(skipReason, () => undefined)
