// Loaded into a measured `art` by --require; worker threads load it too and stay silent.
const { isMainThread } = require('node:worker_threads')
const { readFileSync, writeFileSync } = require('node:fs')
if (isMainThread && process.env.ART_BENCH_PEAK) {
  const file = process.env.ART_BENCH_PEAK
  delete process.env.ART_BENCH_PEAK
  process.on('exit', () => writeFileSync(file, String(peak())))
}

/** Kilobytes. ru_maxrss is the second choice: on Linux a child begins with the peak of the process that started it. */
function peak() {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
  } catch {
    return process.resourceUsage().maxRSS
  }
}
