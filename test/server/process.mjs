import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

/** @returns {Promise<number>} A TCP port of the loopback address that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

// The shell outlives nobody: when this process ends, however it ends, its end of the pipe closes and server and data go.
const WATCHED =
  '"$@" </dev/null & server=$!; cat >/dev/null; kill -9 $server; wait $server 2>/dev/null; rm -rf "$ART_SERVER_DATA"'

/**
 * Starts a server over a fresh folder.
 * @param {string} command
 * @param {(data: string) => string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ data: string, log: () => string, exited: Promise<number | null>, stop: () => Promise<void> }}
 */
export function startProcess(command, args, env = {}) {
  const data = mkdtempSync(path.join(os.tmpdir(), 'art-server-'))
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', command, ...args(data)], {
    env: { ...process.env, ...env, ART_SERVER_DATA: data },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      lines.push(String(text))
      if (lines.length > 200) lines.shift()
    })
  }
  const exited = new Promise((resolve) => child.once('exit', resolve))
  // A server must not keep a test run, or a benchmark that forgot to stop it, alive.
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.unref?.()
  const stop = async () => {
    child.ref()
    child.stdin.end()
    await exited
    rmSync(data, { recursive: true, force: true })
  }
  return { data, log: () => lines.join(''), exited, stop }
}

/**
 * Waits until a server answers HTTP, whatever it answers.
 * @param {string} endpoint
 * @param {{ log: () => string, exited: Promise<number | null> }} server
 */
export async function untilReady(endpoint, server) {
  let gone = false
  void server.exited.then(() => (gone = true))
  const deadline = Date.now() + 30_000
  for (;;) {
    const answered = await fetch(endpoint, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.arrayBuffer().then(() => response.status < 500),
      () => false,
    )
    if (answered) return
    if (gone || Date.now() > deadline) throw new Error(`the server at ${endpoint} did not come up:\n${server.log()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
