import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkDocument } from './schema.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** What is tested; `ART_TEST_BUNDLE` names the `art.js` of another build. */
export const BUNDLE = process.env['ART_TEST_BUNDLE'] || join(ROOT, 'packages/cli/dist/art.js')
export const DATA = join(ROOT, 'test/data')

export interface Outcome {
  /** Exit code; a signal's name where one ended the process. */
  code: number | NodeJS.Signals
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  env?: Record<string, string | undefined>
  input?: string | Buffer
  /** Called with the running process, for tests that interrupt it. */
  onStart?: (pid: number) => void
}

/** A temporary folder with a home of its own, in which the built program and git run; `dispose` removes it. */
export class Place {
  readonly base: string
  readonly env: Record<string, string | undefined>

  constructor() {
    if (!existsSync(BUNDLE)) throw new Error(`${BUNDLE} is not built: run node packages/cli/build.mjs`)
    this.base = realpathSync(mkdtempSync(join(tmpdir(), 'art-e2e-')))
    mkdirSync(join(this.base, 'home'))
    mkdirSync(join(this.base, 'bin'))
    writeFileSync(join(this.base, 'bin/art'), `#!/bin/sh\nexec '${process.execPath}' '${BUNDLE}' "$@"\n`, {
      mode: 0o755,
    })
    const own = Object.entries(process.env).filter(
      ([name]) =>
        !/^(ART_|GIT_|AWS_|XDG_|npm_|VITEST|NODE_OPTIONS|NODE_V8|HTTPS?_PROXY|NO_PROXY|FORCE_COLOR)/i.test(name),
    )
    this.env = {
      ...Object.fromEntries(own),
      HOME: join(this.base, 'home'),
      PATH: `${join(this.base, 'bin')}:${process.env['PATH']}`,
      NO_COLOR: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
  }

  path(...parts: string[]): string {
    return join(this.base, ...parts)
  }

  /** Writes a file below the place, with its folders, and returns its path. */
  write(path: string, content: string | Uint8Array): string {
    const full = this.path(path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, content)
    return full
  }

  /** A new git repository on branch `main`, with art in it unless `art` is false. */
  async repository(name: string, { art = true }: { art?: boolean } = {}): Promise<Work> {
    mkdirSync(this.path(name), { recursive: true })
    const work = new Work(this, this.path(name))
    await work.git('init', '-q', '-b', 'main')
    if (art) await work.ok('init')
    return work
  }

  /** A clone of a repository or a bare one. */
  async clone(from: string, name: string): Promise<Work> {
    const { code, stderr } = await this.run('git', ['clone', '-q', from, this.path(name)])
    if (code !== 0) throw new Error(`git clone: ${stderr}`)
    return new Work(this, this.path(name))
  }

  run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd: options.cwd ?? this.base,
        env: { ...this.env, ...options.env },
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout.on('data', (piece: Buffer) => out.push(piece))
      child.stderr.on('data', (piece: Buffer) => err.push(piece))
      child.stdin.on('error', () => undefined)
      child.once('error', reject)
      child.once('close', (code, signal) => {
        resolve({
          code: code ?? signal ?? 'SIGKILL',
          stdout: Buffer.concat(out).toString(),
          stderr: Buffer.concat(err).toString(),
        })
      })
      child.stdin.end(options.input ?? '')
      if (child.pid !== undefined) options.onStart?.(child.pid)
    })
  }

  dispose(): void {
    rmSync(this.base, { recursive: true, force: true })
  }
}

/** One working tree, or any folder below it. */
export class Work {
  readonly place: Place
  readonly folder: string

  constructor(place: Place, folder: string) {
    this.place = place
    this.folder = folder
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }

  write(path: string, content: string | Uint8Array): string {
    const full = this.path(path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, content)
    return full
  }

  /** Runs `art` and returns how it ended, whatever that was. */
  art(...args: string[]): Promise<Outcome> {
    return this.artWith({}, ...args)
  }

  /** As `art`, with an environment or input of its own. */
  async artWith(options: RunOptions, ...args: string[]): Promise<Outcome> {
    const outcome = await this.place.run(process.execPath, [BUNDLE, ...args], { cwd: this.folder, ...options })
    if (args.includes('--json')) checkDocument(args, outcome)
    return outcome
  }

  /** Runs `art` and fails the test unless it ends with 0. */
  async ok(...args: string[]): Promise<Outcome> {
    const outcome = await this.art(...args)
    if (outcome.code !== 0)
      throw new Error(`art ${args.join(' ')} ended with ${outcome.code}\n${outcome.stdout}${outcome.stderr}`)
    return outcome
  }

  /** Runs `art --json` and returns the document on stdout; fails the test unless it ends with 0. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse((await this.ok(...args, '--json')).stdout) as T
  }

  async git(...args: string[]): Promise<string> {
    const outcome = await this.place.run('git', args, { cwd: this.folder })
    if (outcome.code !== 0)
      throw new Error(`git ${args.join(' ')} ended with ${outcome.code}\n${outcome.stdout}${outcome.stderr}`)
    return outcome.stdout.trim()
  }

  async commit(message: string): Promise<void> {
    await this.git('add', '-A')
    await this.git('commit', '-q', '-m', message)
  }
}
