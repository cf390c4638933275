// One function a scenario: builds its data, runs the tools, tells `record(row, tool, measurement)` and `fact(row, value)`.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startVersitygw } from '../server/s3.mjs'
import { findServer } from '../server/tools.mjs'
import { changedChunkBytes } from './chunks.mjs'
import { rewritePart, smallFile, writeSmallFiles, writeWeights } from './data.mjs'
import { floor } from './floor.mjs'
import { measureFolder, median, run, settle } from './measure.mjs'
import { models } from './models.mjs'
import { Repository } from './repository.mjs'
import { art, dvc, moveCache, S5CMD } from './tools.mjs'

const MB = 1e6

/** @typedef {{ base: string, env: NodeJS.ProcessEnv, tools: object[], scale: number, runs: number, record: Function, fact: Function }} Bench */

/** 1 GB of weights: add, push to a directory, pull. */
function large({ base, env, tools, scale, runs, record }) {
  const source = join(base, 'weights.bin')
  writeWeights(source, Math.round((1024 * scale) / 4) * (4 << 20))
  for (let round = 0; round < runs; round++) {
    for (const tool of tools) {
      const work = Repository.create(tool, base, env)
      cpSync(source, join(work.folder, 'model.bin'))
      for (const args of tool.remote(work.beside('remote'))) work.tell(...args)
      record('large-add', tool, work.time('add', 'model.bin'))
      work.commit('model')
      record('large-push', tool, work.time('push'))
      const clone = work.clone('clone')
      record('large-pull', tool, clone.time('pull'))
      assertSame(source, join(clone.folder, 'model.bin'))
      work.remove()
    }
  }
  rmSync(source)
}

/**
 * Folders of small files are deleted at the very end only: for minutes after many files were deleted, ext4 looks through their inodes each
 * time it makes a new one, so that whoever came next would seem ten times slower.
 */

/** 20,000 small files: add alone. */
function small20k({ base, env, tools, scale, record }) {
  for (const tool of tools) {
    const work = Repository.create(tool, base, env)
    writeSmallFiles(join(work.folder, 'data'), 20_000 * scale)
    record('small20k-add', tool, work.time('add', 'data'))
  }
}

/** 100,000 small files: everything a day with them asks for. */
function small100k({ base, env, tools, scale, record, fact }) {
  const count = 100_000 * scale
  for (const tool of tools) {
    const work = Repository.create(tool, base, env)
    const data = join(work.folder, 'data')
    const remote = work.beside('remote')
    writeSmallFiles(data, count)
    for (const args of tool.remote(remote)) work.tell(...args)
    record('small100k-add', tool, work.time('add', 'data'))
    work.commit('data')
    for (let round = 0; round < 3; round++) record('small100k-status', tool, work.time('status'))
    record('small100k-push', tool, work.time('push'))
    const pushed = measureFolder(remote)

    const clone = work.clone('clone')
    record('small100k-pull', tool, clone.time('pull'))
    for (const index of [0, count >> 1, count - 1]) {
      assertSame(smallFile(data, index, count), smallFile(join(clone.folder, 'data'), index, count))
    }
    const second = work.clone('second')
    moveCache(tool, clone.folder, second.folder)
    record('small100k-checkout', tool, second.time('checkout'))
    assertSame(smallFile(data, 7, count), smallFile(join(second.folder, 'data'), 7, count))

    const cached = measureFolder(join(work.folder, tool.cache))
    writeFileSync(smallFile(data, count >> 1, count), Buffer.alloc(10_240, 'changed '))
    record('small100k-readd', tool, work.time('add', 'data'))
    work.commit('one changed')
    work.tell('push')
    if (tool === art) {
      fact('small100k-objects', pushed.files)
      fact('small100k-cached', (measureFolder(join(work.folder, tool.cache)).bytes - cached.bytes) / MB)
      fact('small100k-sent', (measureFolder(remote).bytes - pushed.bytes) / MB)
    }
  }
}

/** Push and pull over HTTP, against versitygw on the loopback address. */
async function s3(bench) {
  if (findServer('versitygw') === undefined) {
    bench.skip('s3', 'versitygw is not installed (node test/server/install.mjs)')
    return
  }
  const server = await startVersitygw()
  const env = {
    ...bench.env,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: 'us-east-1',
  }
  try {
    await overS3({ ...bench, env }, server)
  } finally {
    await server.stop()
  }
}

async function overS3(bench, server) {
  const { base, env, tools, scale, runs, record, fact } = bench
  const source = join(base, 'weights.bin')
  writeWeights(source, Math.round((512 * scale) / 4) * (4 << 20))
  const count = 5000 * scale
  const shapes = [
    { row: 's3small', name: 'data', check: 'class_000/image_0000000.bin', make: (to) => writeSmallFiles(to, count) },
    { row: 's3large', name: 'model.bin', check: '', make: (to) => cpSync(source, to) },
  ]
  const times = { s3small: { push: [], pull: [] }, s3large: { push: [], pull: [] } }
  const idle = { push: [], pull: [] }
  for (const shape of shapes) {
    for (let round = 0; round < runs; round++) {
      for (const tool of tools) {
        const bucket = `bench-${shape.row}-${tool.name}-${round}`.toLowerCase()
        await server.makeBucket(bucket)
        const work = Repository.create(tool, base, env)
        shape.make(join(work.folder, shape.name))
        for (const args of tool.s3Remote(`s3://${bucket}/store`, server.endpoint)) work.tell(...args)
        work.tell('add', shape.name)
        work.commit('data')
        const push = work.time('push')
        record(`${shape.row}-push`, tool, push)
        const clone = work.clone('clone')
        const pull = clone.time('pull')
        record(`${shape.row}-pull`, tool, pull)
        assertSame(join(work.folder, shape.name, shape.check), join(clone.folder, shape.name, shape.check))
        if (tool === art) {
          times[shape.row].push.push(push.seconds)
          times[shape.row].pull.push(pull.seconds)
          idle.push.push(work.time('push').seconds)
          idle.pull.push(clone.time('pull').seconds)
        }
        // Small files stay: see small20k.
        if (shape.row === 's3large') work.remove()
      }
    }
  }
  if (idle.push.length > 0) {
    fact('s3-idle-push', median(idle.push))
    fact('s3-idle-pull', median(idle.pull))
    const rival = await timeS5cmd(bench, server, source)
    fact('s3large-s5cmd-push', median(times.s3large.push) / rival.push)
    fact('s3large-s5cmd-pull', median(times.s3large.pull) / rival.pull)
  }
  rmSync(source)
}

async function timeS5cmd({ base, env, runs }, server, source) {
  await server.makeBucket('bench-s5cmd')
  const seconds = { push: [], pull: [] }
  const back = join(base, 's5cmd-pulled.bin')
  for (let round = 0; round < runs; round++) {
    const s5cmd = [S5CMD, '--endpoint-url', server.endpoint, 'cp']
    settle()
    seconds.push.push(run([...s5cmd, source, `s3://bench-s5cmd/${round}`], { cwd: base, env }).seconds)
    settle()
    seconds.pull.push(run([...s5cmd, `s3://bench-s5cmd/${round}`, back], { cwd: base, env }).seconds)
    rmSync(back)
  }
  return { push: median(seconds.push), pull: median(seconds.pull) }
}

/** How long until the first useful line. The three are run in turn, so that a busy moment hits all of them. */
function startup({ base, env, tools, fact }) {
  const empty = join(base, 'empty.mjs')
  writeFileSync(empty, '')
  const work = Repository.create(art, base, env)
  writeFileSync(join(work.folder, 'model.bin'), 'weights')
  work.tell('add', 'model.bin')
  work.commit('model')
  const withFolder = Repository.create(art, base, env)
  writeFileSync(join(withFolder.folder, 'model.bin'), 'weights')
  for (let i = 0; i < 20; i++) {
    mkdirSync(join(withFolder.folder, `data/${i % 4}`), { recursive: true })
    writeFileSync(join(withFolder.folder, `data/${i % 4}/${i}`), `sample ${i}`)
  }
  withFolder.tell('add', 'model.bin', 'data')
  withFolder.commit('model and data')
  const commands = {
    node: [process.execPath, empty],
    version: [...art.command, '--version'],
    status: [...art.command, 'status'],
    directory: [...art.command, 'status'],
  }
  if (tools.includes(dvc)) commands.dvc = [...dvc.command, '--version']
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))
  for (let round = 0; round < 31; round++) {
    for (const [name, command] of Object.entries(commands)) {
      if (name === 'dvc' && round >= 5) continue
      const { folder } = name === 'directory' ? withFolder : work
      times[name].push(run(command, { cwd: folder, env }).seconds)
    }
  }
  const node = median(times.node)
  fact('startup-node', node * 1000)
  fact('startup-version', median(times.version) / node)
  fact('startup-status', median(times.status) / node)
  fact('startup-status-directory', median(times.directory) / node)
  if (times.dvc) fact('startup-dvc', median(times.dvc) / node)
  work.remove()
  withFolder.remove()
}

/** What travels and what is stored. */
async function bytes({ base, env, scale, fact }) {
  const size = Math.max(16, Math.round(256 * scale)) * (1 << 20)
  for (const type of ['fp32', 'bf16']) {
    const work = Repository.create(art, base, env)
    writeWeights(join(work.folder, 'model.bin'), size, { type })
    for (const args of art.remote(work.beside('remote'), 'on')) work.tell(...args)
    work.tell('add', 'model.bin')
    work.commit('model')
    work.tell('push')
    fact(`bytes-${type}`, (100 * measureFolder(work.beside('remote')).bytes) / size)
    work.remove()
  }

  const work = Repository.create(art, base, env)
  const model = join(work.folder, 'model.bin')
  writeWeights(model, size)
  cpSync(model, work.beside('first.bin'))
  for (const args of art.remote(work.beside('remote'), 'off')) work.tell(...args)
  work.tell('add', 'model.bin')
  work.commit('first')
  work.tell('push')
  const before = measureFolder(work.beside('remote')).bytes
  rewritePart(model, size - (size >> 5), size >> 6, 9)
  work.tell('add', 'model.bin')
  work.commit('fine-tuned')
  work.tell('push')
  const sent = measureFolder(work.beside('remote')).bytes - before
  fact('bytes-finetune', sent / (await changedChunkBytes(work.beside('first.bin'), model)))
  work.remove()
}

/** Peak memory of a file that is larger than any buffer. */
function memory({ base, env, scale, fact }) {
  const work = Repository.create(art, base, env)
  writeWeights(join(work.folder, 'model.bin'), Math.round((4096 * scale) / 4) * (4 << 20))
  for (const args of art.remote(work.beside('remote'))) work.tell(...args)
  fact('memory-add', work.time('add', 'model.bin').peak / MB)
  work.commit('model')
  fact('memory-push', work.time('push').peak / MB)
  fact('memory-pull', work.clone('clone').time('pull').peak / MB)
  work.remove()
}

/** Cost per file as the number of files grows. */
function linear({ base, env, scale, fact }) {
  for (const [name, count] of [
    ['10k', 10_000 * scale],
    ['100k', 100_000 * scale],
    ['300k', 300_000 * scale],
  ]) {
    const work = Repository.create(art, base, env)
    writeSmallFiles(join(work.folder, 'data'), count)
    for (const args of art.remote(work.beside('remote'))) work.tell(...args)
    const tell = (verb, { seconds, peak }) => {
      fact(`linear-${name}-${verb}`, (seconds / count) * 1e6)
      if (name === '300k') fact(`linear-${name}-${verb}-memory`, peak / MB)
    }
    tell('add', work.time('add', 'data'))
    work.commit('data')
    tell('status', work.time('status'))
    tell('push', work.time('push'))
    tell('pull', work.clone('clone').time('pull'))
  }
}

function assertSame(expected, actual) {
  if (spawnSync('cmp', ['-s', expected, actual]).status !== 0) throw new Error(`${actual} differs from ${expected}`)
}

/** In the order they run. */
export const SCENARIOS = { startup, large, small20k, small100k, s3, bytes, memory, linear, models, floor }
