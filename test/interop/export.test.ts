import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Place, ROOT, type Work } from '../e2e/harness.ts'
import { expectProblem, type Expected } from '../e2e/problem.ts'
import { findServing, skipReason as noServing } from './serving/place.mjs'
import { python, skipReason, torch } from './torch/python.ts'

const SCRIPTS = join(ROOT, 'test/interop/export')
const serving = findServing()

interface Exported {
  path: string
  opset: number | null
  exporter: string
  comparedWith: string
  maxAbsDiff: number
}

const RESNET = [
  '--model',
  'src.models.resnet:get_model',
  '--kwargs',
  'num_classes=10,image_size=32',
  '--input',
  '1,3,32,32',
]
const BATCH = ['--kwargs', 'num_classes=10', '--input', '2,3,32,32', '--dynamic-batch']
const NAMES = ['--input-names', 'image', '--output-names', 'logits']

describe.skipIf(torch === undefined || serving === undefined)('exports by the real PyTorch', () => {
  let place: Place
  let work: Work

  beforeAll(async () => {
    place = new Place()
    Object.assign(place.env, { VIRTUAL_ENV: join(torch!.python, '../..'), PYTHONPATH: serving!.packages })
    work = await place.repository('work')
    mkdirSync(work.path('src/models'), { recursive: true })
    copyFileSync(join(SCRIPTS, 'resnet.py'), work.path('src/models/resnet.py'))
    await python(place, join(SCRIPTS, 'train.py'), [work.folder])
    await work.ok('add', 'models/resnet_best.pth', 'models/tied.pth')
    await work.commit('models')
  })
  afterAll(() => place.dispose())

  const exported = (...flags: string[]): Promise<Exported> => work.json('export', 'models/resnet_best.pth', ...flags)

  /** By a program that art has no part in. */
  async function difference({ path }: Exported, batch: number): Promise<number> {
    return Number(await python(place, join(SCRIPTS, 'same.py'), [work.folder, work.path(path), String(batch)]))
  }

  test.each([11, 18])('a ResNet computes the same in ONNX opset %i, for a batch of any size', async (opset) => {
    const flags = ['--to', 'onnx', '--opset', String(opset), '--dynamic-batch', ...NAMES, ...RESNET]
    const made = await exported(...flags, '-o', `models/resnet_${opset}.onnx`)
    expect(made).toMatchObject({ opset, exporter: opset === 11 ? 'torchscript' : expect.any(String) })
    expect(made.comparedWith).toMatch(/^onnxruntime \d/)
    expect(made.maxAbsDiff).toBeLessThan(1e-4)
    for (const batch of [1, 2, 5]) expect(await difference(made, batch)).toBeLessThan(1e-4)
    const shown = await work.json<{ metadata: Record<string, unknown> }>('show', made.path)
    expect(JSON.stringify(shown.metadata)).toContain(`"onnx.opset.ai.onnx":${opset}`)
    const pointer = readFileSync(work.path(`${made.path}.art`), 'utf8')
    const source = readFileSync(work.path('models/resnet_best.pth.art'), 'utf8')
    expect(pointer).toContain(`origin:\n  source: models/resnet_best.pth\n  ${/^oid: .*$/m.exec(source)![0]}`)
    expect(pointer).toContain(`\n  ${/^ {2}(weights: .*)$/m.exec(source)![1]}\n`)
    expect(pointer).toMatch(/\nmetrics:\n {2}val_acc: 0\.5\n/)
  })

  test('a ResNet computes the same in TorchScript', async () => {
    const made = await exported('--to', 'torchscript', ...RESNET)
    expect(made).toMatchObject({ path: 'models/resnet_best.torchscript.pt', exporter: 'trace', maxAbsDiff: 0 })
    expect(await difference(made, 3)).toBe(0)
  })

  test('several inputs of whole numbers, several outputs and shared tensors are no obstacle', async () => {
    const flags = ['--model', 'src.models.resnet:Tied', '--input', '2,6:int64<50', '--input', '2,6', '--dynamic-batch']
    for (const format of [['onnx', '--opset', '13'], ['torchscript']]) {
      const made = await work.json<Exported>('export', 'models/tied.pth', ...flags, '--to', ...format)
      expect(made.maxAbsDiff).toBeLessThan(1e-5)
    }
    const shown = await work.json<{ metadata: object }>('show', 'models/tied.onnx')
    expect(JSON.stringify(shown)).toMatch(/input0.*output1/s)
  })

  test('a branch that a trace loses is found by the comparison, and TorchScript keeps it by compiling', async () => {
    const flags = ['--model', 'src.models.resnet:Branching', '--kwargs', 'num_classes=10', '--input', '1,3,8,8']
    const refused: Expected = { code: 'UNSUPPORTED', path: 'models/resnet_best.pth', hint: /branches/ }
    await expectProblem(
      work,
      ['export', 'models/resnet_best.pth', '--to', 'onnx', '--opset', '11', ...flags, '-o', 'x.onnx'],
      refused,
    )
    expect(leftOf('x.onnx')).toEqual([])
    const made = await exported('--to', 'torchscript', ...flags, '-o', 'models/branching.pt')
    expect(made).toMatchObject({ exporter: 'script', maxAbsDiff: 0 })
  })

  test.each<[string, string, string[], Partial<Expected>]>([
    ['other arguments', 'get_model', ['--kwargs', 'num_classes=3'], { hint: /^Try --kwargs num_classes=10\.$/ }],
    ["arguments of the checkpoint's config", 'get_model', [], { hint: /config says num_classes=10, which .*: add it/ }],
    ['another part of the model', 'Wrapped', [], { hint: /start with backbone\./ }],
    ['a name that is not there', 'get_modell', [], { code: 'NOT_FOUND', hint: /get_model/ }],
    ['an unknown argument', 'get_model', ['--kwargs', 'classes=3'], { hint: /num_classes/ }],
    ['a device that is not here', 'OnGpu', ['--kwargs', 'num_classes=10'], { hint: /CPU/ }],
    ['another input', 'get_model', ['--kwargs', 'num_classes=10', '--input', '1,1,32,32'], { hint: /--input/ }],
    [
      'a branch, by the newer exporter',
      'Branching',
      ['--kwargs', 'num_classes=10', '--opset', '18'],
      { hint: /^Branches and sizes in forward\(\) depend on the input/ },
    ],
    [
      'a model that is never out of training',
      'Training',
      ['--kwargs', 'num_classes=10'],
      { hint: /eval\(\) and train\(\)/ },
    ],
    ['chance in forward', 'Random', ['--kwargs', 'num_classes=10'], { hint: /Dropout/ }],
    ['a batch that the model has written down', 'FixedBatch', BATCH, { hint: /--dynamic-batch/ }],
    ['a batch that the trace has written down', 'TracedBatch', BATCH, { hint: /--dynamic-batch/ }],
    [
      'too small a tolerance',
      'get_model',
      ['--kwargs', 'num_classes=10', '--tolerance', '1e-12'],
      { hint: /--tolerance/ },
    ],
  ])('%s is told with the fix, and leaves nothing', async (_, name, flags, expected) => {
    const input = flags.includes('--input') ? [] : ['--input', '1,3,32,32']
    const opset = flags.includes('--opset') ? [] : ['--opset', '13']
    const args = ['--to', 'onnx', ...opset, '--model', `src.models.resnet:${name}`, ...input, ...flags]
    await expectProblem(work, ['export', 'models/resnet_best.pth', ...args, '-o', 'x.onnx'], {
      path: 'resnet',
      code: 'UNSUPPORTED',
      ...expected,
    })
    expect(leftOf('x.onnx')).toEqual([])
  })

  test('a package or a module that is missing is named, with what installs it', async () => {
    work.write('src/models/other.py', 'import no_such_package_of_art\n')
    const flags = ['--to', 'onnx', '--input', '1', '-o', 'x.onnx']
    const run = ['export', 'models/resnet_best.pth', ...flags, '--model']
    await expectProblem(work, [...run, 'src.models.other:x'], {
      code: 'NOT_FOUND',
      hint: /-m pip install no_such_package_of_art/,
    })
    await expectProblem(work, [...run, 'src.models.absent:x'], { code: 'NOT_FOUND', hint: /PYTHONPATH/ })
    const bare = await work.artWith(
      { env: { PYTHONPATH: undefined } },
      ...run,
      'src.models.resnet:get_model',
      '--python',
      'python3',
    )
    expect(bare.stderr).toMatch(/no torch.*\nhint: .*python3 -m pip install torch/)
    expect(leftOf('x.onnx')).toEqual([])
  })

  test('Ctrl-C ends Python while it works, and so does the death of art', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const pid = work.path(`pid-${signal}`)
      const lines = ['import os, time', `open(${JSON.stringify(pid)}, 'w').write(str(os.getpid()))`]
      // By the time that the module runs, art waits for it.
      lines.push(`os.kill(os.getppid(), ${signal === 'SIGINT' ? 2 : 9})`, 'time.sleep(1000)')
      work.write('src/models/hanging.py', lines.join('\n'))
      const flags = ['--to', 'onnx', '--model', 'src.models.hanging:x', '--input', '1']
      const { code } = await work.art('export', 'models/resnet_best.pth', ...flags)
      expect(code).toBe(signal === 'SIGINT' ? 130 : 'SIGKILL')
      await expect.poll(() => isRunning(Number(readFileSync(pid, 'utf8'))), { timeout: 20_000 }).toBe(false)
    }
    expect(leftOf('models/resnet_best.onnx')).toEqual([])
  })

  /** Of a product that was refused, and of Python's bytecode. */
  function leftOf(product: string): string[] {
    const names = ['.', 'models', 'src/models'].flatMap((folder) =>
      readdirSync(work.path(folder)).map((name) => (folder === '.' ? name : `${folder}/${name}`)),
    )
    return names.filter((name) => name.startsWith(product) || name.includes('pycache'))
  }
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

if (torch === undefined) test.skip(skipReason, () => undefined)
if (serving === undefined) test.skip(noServing, () => undefined)
