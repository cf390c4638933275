// Scenario `models`: model files beside torch.load, and what reading them costs `art add`.
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findTorch } from '../interop/torch/place.mjs'
import { median, run, settle } from './measure.mjs'
import { Repository } from './repository.mjs'
import { art } from './tools.mjs'

const MB = 1e6
const GB = 1e9
const WRITE = fileURLToPath(new URL('./checkpoint.py', import.meta.url))
const READS_HOOK = fileURLToPath(new URL('./reads.cjs', import.meta.url))

/** `show` and `scan` of 2 GB beside torch.load; weights digest and statistics of 1 GB. */
export function models(bench) {
  const torch = findTorch()
  if (torch === undefined) {
    bench.skip('models', 'torch is not installed (node test/interop/install.mjs, or ART_TEST_TORCH=<environment>)')
    return
  }
  const { base, env, tools, scale } = bench
  const write = (name, gigabytes, layout) => {
    const path = join(base, name)
    run([torch.python, WRITE, path, String(Math.round(gigabytes * scale * GB)), layout], { cwd: base, env })
    return path
  }
  const weights = write('weights.pth', 1, 'weights')
  added(bench, weights)
  if (tools.includes(art)) rates(bench, weights)
  rmSync(weights)
  if (!tools.includes(art)) return
  const checkpoint = write('checkpoint.pth', 2, 'seed')
  looked(bench, checkpoint, torch.python)
  rmSync(checkpoint)
}

/** `add`, with facts and weights digest, beside DVC, which hashes only. */
function added({ base, env, tools, runs, record }, weights) {
  for (let round = 0; round < runs; round++) {
    for (const tool of tools) {
      const work = Repository.create(tool, base, env)
      cpSync(weights, join(work.folder, 'model.pth'))
      record('models-add', tool, work.time('add', 'model.pth'))
      if (tool === art && !readFileSync(join(work.folder, 'model.pth.art'), 'utf8').includes('weights: '))
        throw new Error('art add wrote no weights digest')
      work.remove()
    }
  }
}

/** Seconds a gigabyte of whole processes that do nothing else: the digest for a pointer that lacks it, the statistics of a file. */
function rates({ base, env, runs, fact }, weights) {
  const gigabytes = statSync(weights).size / GB
  const work = Repository.create(art, base, env)
  const model = join(work.folder, 'model.pth')
  cpSync(weights, model)
  const digest = []
  const statistics = []
  work.tell('config', 'models.facts', 'off')
  work.tell('add', 'model.pth')
  const bare = readFileSync(`${model}.art`)
  work.tell('config', 'models.facts', 'on')
  for (let round = 0; round < runs; round++) {
    writeFileSync(`${model}.art`, bare)
    // A table that was kept would have the digest already. The first round has none.
    rmSync(join(work.folder, art.tensors), { recursive: true, force: round === 0 })
    digest.push(work.time('add', '--refresh', 'model.pth'))
    if (!readFileSync(`${model}.art`, 'utf8').includes('weights: '))
      throw new Error('--refresh wrote no weights digest')
    // Outside the repository no table is kept, so that each run computes.
    statistics.push(timeArt(['show', '--stats', weights], { base, env }))
  }
  fact('models-digest', median(digest.map(({ seconds }) => seconds)) / gigabytes)
  fact('models-statistics', median(statistics.map(({ seconds }) => seconds)) / gigabytes)
  fact('models-digest-memory', Math.max(...digest.map(({ peak }) => peak)) / MB)
  fact('models-statistics-memory', Math.max(...statistics.map(({ peak }) => peak)) / MB)
  work.remove()
}

/** Processes of all kinds in turn, so that a busy moment hits all of them. */
function looked({ base, env, scale, fact }, checkpoint, python) {
  const empty = join(base, 'empty.mjs')
  writeFileSync(empty, '')
  const load = (options) => `import torch; torch.load(${JSON.stringify(checkpoint)}, weights_only=True${options})`
  const commands = {
    node: [process.execPath, empty],
    show: [...art.command, 'show', checkpoint],
    scan: [...art.command, 'scan', checkpoint],
    import: [python, '-c', 'import torch'],
    load: [python, '-c', load('')],
    mmap: [python, '-c', load(', mmap=True')],
  }
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))
  const rounds = scale === 1 ? 21 : 3
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(commands)) {
      if (command[0] === python && round >= 3) continue
      times[name].push(run(command, { cwd: base, env }).seconds)
    }
  }
  const node = median(times.node)
  for (const name of ['show', 'scan', 'import', 'load', 'mmap']) fact(`models-${name}`, median(times[name]) / node)
  for (const verb of ['show', 'scan']) {
    fact(`models-${verb}-read`, bytesRead([verb, checkpoint], checkpoint, { base, env }) / MB)
    fact(`models-${verb}-memory`, timeArt([verb, checkpoint], { base, env }).peak / MB)
  }
}

function timeArt(args, { base, env }) {
  settle()
  return run([...art.command, ...args], { cwd: base, env, peakFile: join(base, 'peak') })
}

/** Of `path`, by all threads. */
function bytesRead(args, path, { base, env }) {
  const out = join(base, 'reads')
  const hook = { NODE_OPTIONS: `--require ${READS_HOOK}`, ART_BENCH_READS: out, ART_BENCH_READS_OF: path }
  run([...art.command, ...args], { cwd: base, env: { ...env, ...hook } })
  const bytes = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(line), 0)
  rmSync(out)
  if (bytes === 0) throw new Error(`nothing was counted of what art ${args[0]} read`)
  return bytes
}
