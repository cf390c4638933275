// What this machine needs for the unavoidable part of a step: no program that does the step can be faster.
import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, fsyncSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { writeSmallFiles, writeWeights } from './data.mjs'
import { median, settle } from './measure.mjs'

/** Hashing and copying 1 GB; reading and hashing 20,000 small files on two threads; making 5,000 of them. */
export async function floor({ base, scale, runs, fact }) {
  const source = join(base, 'floor.bin')
  writeWeights(source, Math.round((1024 * scale) / 4) * (4 << 20))
  const seconds = { hash: [], copy: [], sync: [] }
  for (let round = 0; round < runs; round++) {
    const copy = join(base, 'floor-copy.bin')
    settle()
    seconds.hash.push(timed(() => hashFile(source)))
    settle()
    seconds.copy.push(timed(() => copyFileSync(source, copy)))
    const file = openSync(copy, 'r+')
    seconds.sync.push(timed(() => fsyncSync(file)))
    closeSync(file)
    rmSync(copy)
  }
  rmSync(source)
  for (const [name, values] of Object.entries(seconds)) fact(`floor-${name}`, median(values))

  const count = 20_000 * scale
  const folder = join(base, 'floor-small')
  writeSmallFiles(folder, count)
  settle()
  fact('floor-read', await threads('read', folder, count))
  settle()
  fact('floor-make', await threads('make', join(base, 'floor-made'), count / 4))
}

function timed(work) {
  const began = performance.now()
  work()
  return (performance.now() - began) / 1000
}

function hashFile(path) {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(1 << 20)
  const file = openSync(path, 'r')
  for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) hash.update(piece.subarray(0, read))
  closeSync(file)
  return hash.digest('hex')
}

/** Seconds from when both threads run to when both are done. */
async function threads(job, folder, count) {
  const halves = [0, 1].map(
    (half) => new Worker(new URL(import.meta.url), { workerData: { job, folder, count, half } }),
  )
  const said = (worker) => new Promise((done, fail) => worker.once('message', done).once('error', fail))
  await Promise.all(halves.map(said))
  const began = performance.now()
  for (const worker of halves) worker.postMessage('go')
  await Promise.all(halves.map(said))
  const seconds = (performance.now() - began) / 1000
  await Promise.all(halves.map((worker) => worker.terminate()))
  return seconds
}

const jobs = {
  read({ folder, half }) {
    for (const [index, name] of readdirSync(folder).entries()) {
      if (index % 2 !== half) continue
      for (const file of readdirSync(join(folder, name)))
        createHash('sha256')
          .update(readFileSync(join(folder, name, file)))
          .digest()
    }
  },
  make({ folder, count, half }) {
    writeSmallFiles(join(folder, String(half)), count / 2, half + 1)
  },
}

if (!isMainThread && workerData?.job in jobs) {
  parentPort.once('message', () => {
    jobs[workerData.job](workerData)
    parentPort.postMessage('done')
  })
  parentPort.postMessage('ready')
}
