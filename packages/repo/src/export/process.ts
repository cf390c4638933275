import { spawn } from 'node:child_process'
import { ArtError } from '@art/core'

export interface RunOptions {
  cwd: string
  environment: NodeJS.ProcessEnv
  /** Seconds after which it is killed. */
  timeout: number
  signal?: AbortSignal | undefined
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  /** The end of what it printed, to both streams. */
  printed: string
}

/** Of what it prints no more is kept, however much it is. */
const PRINTED_MAX = 16 << 10

/** For output of what it left running after its end. */
const DRAIN = 500

/**
 * Runs a program in a process group of its own, to its end. It and all that it started are killed where it takes too long (`TIMEOUT`), and where
 * the signal is aborted; its stdin stays open as long as art lives, so that it can tell. Fails with `NOT_FOUND` where it cannot be started.
 */
export function runToEnd(executable: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, environment, timeout, signal } = options
  signal?.throwIfAborted()
  return new Promise((done, fail) => {
    const child = spawn(executable, args, {
      cwd,
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    const tail = new Tail(PRINTED_MAX)
    child.stdout.on('data', (part: Buffer) => tail.take(part))
    child.stderr.on('data', (part: Buffer) => tail.take(part))
    child.stdin.on('error', () => undefined)
    let reason: Error | undefined
    const stop = (why: Error): void => {
      reason ??= why
      killGroup(child.pid)
    }
    const onAbort = (): void => stop(signal?.reason as Error)
    const timer = setTimeout(() => stop(tookTooLong(executable, timeout)), timeout * 1000)
    signal?.addEventListener('abort', onAbort, { once: true })
    const release = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    child.on('error', (cause) => {
      release()
      const hint = 'Name another Python with --python.'
      fail(
        new ArtError('NOT_FOUND', `Python could not be started: ${cause.message}`, { path: executable, hint, cause }),
      )
    })
    child.on('exit', (code, died) => {
      release()
      // What it left running has no business any more, and would hold its output open.
      killGroup(child.pid)
      const settle = (): void => {
        clearTimeout(drain)
        for (const stream of child.stdio) stream?.destroy()
        if (reason === undefined) done({ code, signal: died, printed: tail.text() })
        else fail(reason)
      }
      const drain = setTimeout(settle, DRAIN)
      child.once('close', settle)
    })
  })
}

function tookTooLong(executable: string, seconds: number): ArtError {
  return new ArtError('TIMEOUT', `Python was not done after ${seconds} seconds, and was stopped`, {
    path: executable,
    hint: 'Give it longer with --timeout, or look what the model code waits for.',
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** The last bytes of a stream without end. */
class Tail {
  readonly #max: number
  #parts: Buffer[] = []
  #bytes = 0

  constructor(max: number) {
    this.#max = max
  }

  take(part: Buffer): void {
    this.#parts.push(part.length > this.#max ? Buffer.from(part.subarray(part.length - this.#max)) : part)
    this.#bytes += Math.min(part.length, this.#max)
    while (this.#bytes - this.#parts[0]!.length >= this.#max) this.#bytes -= this.#parts.shift()!.length
  }

  text(): string {
    return Buffer.concat(this.#parts).toString('utf8').slice(-this.#max)
  }
}
