import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { HistoryResult } from '@art/repo/stage-api.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { eachRepository, freshName, place, work } from './fresh.ts'
import { DATA } from './harness.ts'
import { expectProblem } from './problem.ts'
import { pythonThatMakes, RESULT, standInPython as python } from './stand-in-python.ts'

const WANTED = ['export', 'm.pth', '--to', 'onnx', '--model', 'src.model:get_model', '--input', '1,3,8,8']

eachRepository()
beforeEach(async () => {
  copyFileSync(join(DATA, 'simple_cnn.pth'), work.path('m.pth'))
  await work.ok('add', 'm.pth')
})

const answering = (document: unknown, product = 'an export'): string[] =>
  pythonThatMakes(`printf '%s' '${product}'`, document)

/** Neither the file, nor its pointer, nor anything in art's own folder. */
function expectNothingLeft(): void {
  expect(readdirSync(work.folder).sort()).toEqual([
    '.art',
    '.git',
    '.gitattributes',
    '.gitignore',
    'm.pth',
    'm.pth.art',
  ])
  expect(readdirSync(work.path('.art/tmp')).filter((name) => !/^(?:probe|\.gitignore)$/.test(name))).toEqual([])
}

describe('an export that Python has made', () => {
  test('is written, added and has its origin; the weights it came from were read without Python', async () => {
    const [flag, path] = answering(RESULT)
    const { stdout } = await work.ok(...WANTED, '--opset', '11', '--kwargs', 'a=1', flag!, path!)
    expect(stdout).toMatch(/^written {2}m\.onnx .*onnx opset 11/)
    expect(stdout).toMatch(/differ by 1\.5e-7 at most, 0\.0001 is allowed: onnxruntime 1\.22\.0/)
    expect(stdout).toMatch(/git add m\.onnx\.art/)
    const pointer = readFileSync(work.path('m.onnx.art'), 'utf8')
    const oid = /^oid: (.*)$/m.exec(readFileSync(work.path('m.pth.art'), 'utf8'))![1]!
    expect(pointer).toContain(`\norigin:\n  source: m.pth\n  oid: ${oid}\n  weights: sha256:`)
    expect(pointer).toMatch(
      / {2}model: src\.model:get_model\n {2}kwargs: a=1\n {2}input: 1,3,8,8\n {2}torch: "2\.9\.0"\n {2}opset: 11\n/,
    )
    expect(pointer).toMatch(/ {2}compared_with: onnxruntime 1\.22\.0\n {2}max_abs_diff: 1\.5e-7\n/)
    // The same bytes keep where they come from, other bytes do not.
    await work.ok('add', 'm.onnx')
    expect(readFileSync(work.path('m.onnx.art'), 'utf8')).toBe(pointer)
    rmSync(work.path('m.onnx'))
    work.write('m.onnx', 'changed')
    await work.ok('add', 'm.onnx')
    expect(readFileSync(work.path('m.onnx.art'), 'utf8')).not.toContain('origin')
  })

  test('replaces an export that is as it was added, and nothing else', async () => {
    const again = (product: string): string[] => [...WANTED, ...answering(RESULT, product)]
    await work.ok(...again('one'))
    expect((await work.json<{ state: string }>(...again('one'))).state).toBe('unchanged')
    expect((await work.json<{ state: string }>(...again('two'))).state).toBe('written')
    rmSync(work.path('m.onnx'))
    work.write('m.onnx', 'mine')
    await expectProblem(work, again('three'), { code: 'WOULD_OVERWRITE', path: 'm.onnx', hint: /--force/ })
    expect(readFileSync(work.path('m.onnx'), 'utf8')).toBe('mine')
    await expectProblem(work, [...again('x'), '-o', 'm.pth'], { code: 'WOULD_OVERWRITE', path: 'm.pth' })
    work.write('loose.onnx', 'mine')
    await expectProblem(work, [...again('x'), '-o', 'loose.onnx'], { code: 'WOULD_OVERWRITE', path: 'loose.onnx' })
    await expectProblem(work, [...again('x'), '-o', 'no/m.onnx'], { code: 'NOT_FOUND', path: 'no/m.onnx' })
    await work.ok(...again('four'), '--force')
    expect(readFileSync(work.path('m.onnx'), 'utf8')).toBe('four')
    expect(readFileSync(work.path('m.onnx.art'), 'utf8')).toContain('origin:')
  })

  test('shows up in the history of its model: those that are not committed too', async () => {
    work.write('models.yaml', 'models:\n  cnn: m.pth\n')
    await work.commit('model')
    await work.git('tag', '-a', 'cnn@v1.0.0', '-m', 'x')
    const exported = async (name: string, product: string): Promise<unknown> =>
      work.ok('export', name, ...WANTED.slice(2), '--opset', '18', ...answering(RESULT, product))
    // By its content, by its release; one of what is no release.
    await exported('m.pth', 'one')
    await work.commit('product')
    await exported('cnn@v1.0.0', 'two')
    copyFileSync(join(DATA, 'simple_cnn_finetuned.pth'), work.path('other.pth'))
    await work.ok('add', 'other.pth')
    await exported('other.pth', 'three')
    const found = await work.json<HistoryResult>('history', 'cnn')
    const products = found.events.filter(({ kind }) => kind === 'exported')
    expect(products.map(({ version, path, by }) => [version, path, by === null])).toEqual([
      ['1.0.0', 'm_v1.0.0.onnx', true],
      ['1.0.0', 'm.onnx', false],
    ])
    expect(products[1]).toMatchObject({
      commit: await work.git('rev-parse', 'HEAD'),
      export: { format: 'onnx', opset: 18, torch: '2.9.0', comparedWith: 'onnxruntime 1.22.0', maxAbsDiff: 1.5e-7 },
    })
    const { stdout } = await work.ok('history', 'cnn')
    expect(stdout).toMatch(
      /exported as onnx +1\.0\.0 .*not committed\n +m_v1\.0\.0\.onnx, opset 18, max \|Δ\| 1\.5e-7\n/,
    )
    // Once, however often its pointer is written, as of the first commit.
    await work.ok('add', 'm.onnx', '--desc', 'for phones')
    await work.commit('described')
    expect((await work.json<HistoryResult>('history', 'cnn')).events.filter(({ path }) => path === 'm.onnx')).toEqual([
      products[1],
    ])
    expect((await work.json<HistoryResult>('history', 'cnn', '--at', '2020-01-01')).events).toEqual([])
  })

  test('that cannot be added is taken away again; what git would not keep is told before', async () => {
    const [, ...made] = answering(RESULT)
    work.write('.gitignore', `${readFileSync(work.path('.gitignore'), 'utf8')}*.onnx.art\n`)
    await expectProblem(work, [...WANTED, '--python', ...made], { code: 'OVERLAP', path: 'm.onnx' })
    // A rule that comes while Python runs.
    const late = python(
      `printf x > "$work/product/model.onnx"\nprintf '*.pt.art\\n' >> .gitignore\nmv "$work/product/model.onnx" "$work/product/model.pt"\nanswer <<'END'\n${JSON.stringify(RESULT)}\nEND`,
    )
    const torchscript = WANTED.map((word) => (word === 'onnx' ? 'torchscript' : word))
    await expectProblem(work, [...torchscript, ...late], { code: 'OVERLAP', path: 'm.torchscript.pt', hint: /rule/ })
    expectNothingLeft()
  })

  test('is made of another revision, and beside a repository, where it is not added', async () => {
    await work.commit('one')
    await work.ok(...WANTED.map((word) => (word === 'm.pth' ? 'HEAD:m.pth' : word)), ...answering(RESULT))
    expect(readFileSync(work.path('m.onnx.art'), 'utf8')).toMatch(/source: m\.pth\n {2}release: HEAD\n/)
    const outside = place.path(`${freshName('beside')}.onnx`)
    const result = await work.json<{ pointer: null }>(...WANTED, ...answering(RESULT), '-o', outside)
    expect(result.pointer).toBeNull()
    expect([existsSync(outside), existsSync(`${outside}.art`)]).toEqual([true, false])
  })

  test('that was not compared says so', async () => {
    const result = { ...RESULT.result, compared_with: null, max_abs_diff: null }
    const { stdout, stderr } = await work.ok(...WANTED, ...answering({ ok: true, result }))
    expect(stdout).toContain('not compared with the model')
    expect(stderr).toContain('onnxruntime')
  })
})

describe('a Python that', () => {
  test.each([
    [
      'prints garbage without end and answers nothing',
      'head -c 50000000 /dev/urandom\necho last words >&2',
      /Look whether/,
    ],
    ['answers garbage', 'printf "\\000{" | answer', /Look whether/],
    ['answers what is no answer', `echo '{"ok":true,"result":{"torch":1}}' | answer`, /Look whether/],
    ['answers without end', 'head -c 5000000 /dev/zero | answer', /Look whether/],
    ['answers by a link', 'ln -s /etc/passwd "$work/answer.json"', /Look whether/],
    ['says that it is done and made nothing', `rmdir "$work/product"; echo '${JSON.stringify(RESULT)}' | answer`, /./],
    ['ends with an error', 'echo Traceback >&2\nexit 3', /Look whether/],
    ['is killed', 'kill -KILL $$', /memory/],
    ['crashes', 'kill -SEGV $$', /Look whether/],
  ])('%s is told as such', async (_, lines, hint) => {
    await expectProblem(work, [...WANTED, ...python(lines)], { code: 'IO', path: 'python', hint })
    expectNothingLeft()
  })

  test('says its last words, those alone', async () => {
    const outcome = await work.art(...WANTED, ...python('seq 1 100000\nprintf "the \\033[31mreason\\n" >&2\nexit 1'))
    expect(outcome.stderr).toContain('ended with 1 and gave no answer')
    expect(outcome.stderr).toMatch(/the .*reason/)
    expect(outcome.stderr).not.toContain('\u001b')
    expect(outcome.stderr.split('\n').length).toBeLessThan(15)
  })

  test('hangs is stopped, with all that it started', async () => {
    const pids = place.path(freshName('pids'))
    const hanging = python(`sleep 1000 &\necho $! $$ > ${pids}\ntrap "" TERM INT\nwhile :; do sleep 1000; done`)
    await expectProblem(work, [...WANTED, ...hanging, '--timeout', '1'], { code: 'TIMEOUT', hint: /--timeout/ })
    for (const pid of readFileSync(pids, 'utf8').trim().split(' ')) expect(isRunning(Number(pid))).toBe(false)
    expectNothingLeft()
  })

  test('ends and leaves something running does not keep art waiting', async () => {
    const lines = `sleep 1000 &\nprintf x > "$work/product/model.onnx"\nanswer <<'END'\n${JSON.stringify(RESULT)}\nEND`
    await work.ok(...WANTED, ...python(lines))
  })

  test('runs when Ctrl-C comes is killed', async () => {
    const pids = place.path(freshName('pids'))
    // It is the program itself that interrupts art, once it is sure to run.
    const hanging = python(`echo $$ > ${pids}\nkill -INT $PPID\nwhile :; do sleep 1000; done`)
    const { code, stderr } = await work.art(...WANTED, ...hanging)
    expect(code).toBe(130)
    expect(stderr).toContain('nothing is lost')
    expect(isRunning(Number(readFileSync(pids, 'utf8')))).toBe(false)
    expectNothingLeft()
  })

  test('cannot be started, or is not there, is named', async () => {
    const broken = place.write(`${freshName('python')}/python`, '#!/nowhere/python\n')
    chmodSync(broken, 0o755)
    await expectProblem(work, [...WANTED, '--python', broken], { code: 'NOT_FOUND', path: 'python' })
    await expectProblem(work, [...WANTED, '--python', 'no/python'], { code: 'NOT_FOUND', path: 'no/python' })
    expectNothingLeft()
  })
})

describe('a problem that Python tells of', () => {
  const told = (problem: object): string[] => [
    ...WANTED,
    ...answering({ ok: false, problem: { details: [], ...problem } }),
  ]

  test('is told with what to do', async () => {
    const install = /python -m pip install/
    const cases: [object, string, RegExp][] = [
      [{ kind: 'module', message: 'this Python has no torch', module: 'torch' }, 'NOT_FOUND', /pip install torch`/],
      [{ kind: 'module', message: 'x', module: 'onnxscript' }, 'NOT_FOUND', install],
      [{ kind: 'module', message: 'x', module: 'cv2.cv2' }, 'NOT_FOUND', /pip install opencv-python-headless`/],
      [{ kind: 'module', message: 'x', module: 'a; rm -rf ~' }, 'NOT_FOUND', /^Install it/],
      [{ kind: 'module', message: 'x', module: 'src.missing' }, 'NOT_FOUND', /imports of src\.model/],
      [{ kind: 'own-module', message: 'x', module: 'src' }, 'NOT_FOUND', /PYTHONPATH/],
      [{ kind: 'attribute', message: 'x', found: ['make', 'Net'] }, 'NOT_FOUND', /It has make, Net/],
      [{ kind: 'keys', message: 'x', kwargs: { num_classes: 10 } }, 'UNSUPPORTED', /--kwargs num_classes=10/],
      [{ kind: 'keys', message: 'x', prefix: ['model', 'net.'] }, 'UNSUPPORTED', /start with net\./],
      // The checkpoint's config has classes 10 and batch_size 64.
      [
        { kind: 'keys', message: 'x', kwargs: { n: 1 }, left_to_default: { classes: 1000, batch_size: 64, lr: null } },
        'UNSUPPORTED',
        /config says lr=0\.001,classes=10, which src\.model:get_model takes and --kwargs does not give: add it\.$/,
      ],
      [{ kind: 'device', message: 'x' }, 'UNSUPPORTED', /CPU/],
      [{ kind: 'input', message: 'x' }, 'UNSUPPORTED', /--input/],
      [{ kind: 'differs', message: 'x' }, 'UNSUPPORTED', /Nothing was written/],
      [{ kind: 'of another art', message: 'x' }, 'UNSUPPORTED', /--opset/],
    ]
    for (const [problem, code, hint] of cases) await expectProblem(work, told(problem), { code, path: 'm.pth', hint })
    expectNothingLeft()
  })

  test('names every tensor that does not fit, and cannot speak to the terminal', async () => {
    const details = [['fc.\u001b[2Jweight', '[10, 512] in the weights, [1000, 512] in the model'], 'no pair', [1, 2]]
    const { stderr } = await work.art(...told({ kind: 'keys', message: 'the weights do not fit', details }))
    expect(stderr).toContain('[10, 512] in the weights, [1000, 512] in the model: fc.')
    expect(stderr).not.toContain('\u001b')
  })
})

test('what was typed is looked at before anything runs', async () => {
  const never = python('echo ran > ran')
  for (const [flags, path] of [
    [['--input', '1x3'], '--input'],
    [['--kwargs', 'a'], '--kwargs'],
    [['--model', 'a b'], '--model'],
    [['--tolerance', 'x'], '--tolerance'],
  ] as const)
    await expectProblem(work, [...WANTED.slice(0, 4), '--model', 'a:b', '--input', '1', ...never, ...flags], {
      code: 'USAGE',
      path,
      exit: 2,
    })
  await expectProblem(work, WANTED.slice(0, 4), { code: 'USAGE', path: '--model', exit: 2 })
  await expectProblem(work, ['export', 'm.pth', '--to', 'safetensors', '--dynamic-batch'], {
    code: 'USAGE',
    path: '--dynamic-batch',
    exit: 2,
  })
  expectNothingLeft()
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // What nobody has waited for yet is dead all the same.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
