import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import { openRepo, type Repo } from './open.ts'
import { init } from './verb/init.ts'

/** A real git repository with art in it, for tests; nothing of the user's own configuration reaches it. */
export class TemporaryRepo {
  /** Holds everything, also what a test puts beside the repository. */
  readonly base: string
  readonly root: string
  readonly environment: NodeJS.ProcessEnv

  constructor(name = 'work') {
    this.base = realpathSync.native(mkdtempSync(join(tmpdir(), 'art-repo-')))
    this.root = join(this.base, name)
    mkdirSync(this.root)
    this.environment = {
      PATH: process.env['PATH'],
      HOME: this.base,
      GIT_CONFIG_GLOBAL: join(this.base, '.gitconfig'),
      GIT_CONFIG_NOSYSTEM: '1',
      ART_CONFIG_SYSTEM: join(this.base, 'system.yaml'),
      ART_CONFIG_GLOBAL: join(this.base, 'global.yaml'),
    }
    const config =
      '[user]\nname = T\nemail = t@example.org\n[init]\ndefaultBranch = main\n[protocol "file"]\nallow = always\n'
    writeFileSync(join(this.base, '.gitconfig'), config)
  }

  static async create(options: { git?: boolean; name?: string } = {}): Promise<TemporaryRepo> {
    const made = new TemporaryRepo(options.name)
    if (options.git ?? true) made.git('init', '--quiet')
    await init({ cwd: made.root, git: options.git ?? true, environment: made.environment })
    return made
  }

  open(cwd = this.root, environment: NodeJS.ProcessEnv = {}): Promise<Repo> {
    return openRepo({ cwd, environment: { ...this.environment, ...environment } })
  }

  /** What git prints, without the last line break. */
  git(...args: string[]): string {
    return this.gitIn(this.root, ...args)
  }

  gitIn(cwd: string, ...args: string[]): string {
    return execFileSync('git', args, {
      cwd,
      env: this.environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd()
  }

  commit(message = 'change'): string {
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '-m', message)
    return this.git('rev-parse', 'HEAD')
  }

  write(path: string, text: string): void {
    const absolute = join(this.root, path)
    mkdirSync(dirname(absolute), { recursive: true })
    writeFileSync(absolute, text)
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  /** Writes the pointer of an artifact; `digit` makes its oid. */
  async pointer(path: string, digit = 'a', more: Partial<Pointer> = {}): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const pointer: Pointer = { path: name, oid: digit.repeat(64), kind: 'f', size: 3, ...more }
    if (pointer.kind === 'd') pointer.files ??= 1
    this.write(`${path}.art`, await serializePointer(pointer))
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true })
  }
}
