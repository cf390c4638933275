import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** For tests: the built program, run as a process in a folder of its own. */
export const ART = fileURLToPath(new URL('../dist/art.js', import.meta.url))

export interface Run {
  code: number | null
  stdout: string
  stderr: string
}

export class Workplace {
  readonly folder: string
  readonly #environment: NodeJS.ProcessEnv

  constructor() {
    if (!existsSync(ART)) execFileSync(process.execPath, [fileURLToPath(new URL('../build.mjs', import.meta.url))])
    this.folder = mkdtempSync(join(tmpdir(), 'art-cli-'))
    const { PATH } = process.env
    this.#environment = {
      PATH,
      HOME: this.folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.org',
    }
  }

  art(...args: string[]): Run {
    return this.run(process.execPath, [ART, ...args])
  }

  /** Parses what `--json` prints. */
  json(...args: string[]): unknown {
    const { stdout, stderr } = this.art('--json', ...args)
    return JSON.parse(stdout || stderr)
  }

  git(...args: string[]): Run {
    return this.run('git', args)
  }

  run(program: string, args: string[], environment: NodeJS.ProcessEnv = {}): Run {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...this.#environment, ...environment },
      maxBuffer: 1 << 26,
    })
    return { code: status, stdout, stderr }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
