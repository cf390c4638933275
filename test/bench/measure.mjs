import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PEAK_HOOK = fileURLToPath(new URL('./peak.cjs', import.meta.url))

/**
 * Runs a command to its end.
 * @param {string[]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, peakFile?: string }} options With `peakFile` (a Node program only) the peak
 * resident memory is taken by the process itself as it exits.
 * @returns {{ seconds: number, peak: number | undefined, stdout: string }} peak in bytes
 */
export function run([program, ...args], { cwd, env, peakFile }) {
  const measured = peakFile ? { NODE_OPTIONS: `--require ${PEAK_HOOK}`, ART_BENCH_PEAK: peakFile } : {}
  const began = performance.now()
  const result = spawnSync(program, args, {
    cwd,
    env: { ...env, ...measured },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 << 20,
  })
  const seconds = (performance.now() - began) / 1000
  if (result.status !== 0) {
    const said = `${result.stdout ?? ''}${result.stderr ?? ''}`.slice(-2000)
    throw new Error(
      `${[program, ...args].join(' ')} ended with ${result.status ?? result.signal}\n${result.error ?? said}`,
    )
  }
  let peak
  if (peakFile) {
    peak = Number(readFileSync(peakFile, 'utf8')) * 1024
    rmSync(peakFile)
  }
  return { seconds, peak, stdout: result.stdout }
}

/** Lets no earlier command's unwritten pages be charged to the next one. */
export function settle() {
  spawnSync('sync')
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Files below a folder, and their bytes. */
export function measureFolder(folder) {
  const total = { files: 0, bytes: 0 }
  const walk = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name)
      if (entry.isDirectory()) walk(child)
      else {
        total.files++
        total.bytes += lstatSync(child).size
      }
    }
  }
  walk(folder)
  return total
}
