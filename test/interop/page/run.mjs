import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Runs the commands of a page one after another, as one shell would: each finds the folder and the variables that the one before it left. */
export class Shell {
  #state
  #cwd
  #env

  /** @param {{ state: string, cwd: string, env: NodeJS.ProcessEnv }} place `state` is a folder for the shell's own files. */
  constructor({ state, cwd, env }) {
    this.#state = state
    this.#cwd = cwd
    this.#env = env
  }

  /**
   * @param {string} command
   * @returns {{ code: number | null, output: string }} stdout and stderr as a terminal mixes them
   */
  run(command) {
    const left = join(this.#state, 'left')
    const before = existsSync(left) ? `. '${left}'\ncd "$PWD"\n` : ''
    const script = `${before}leave() { code=$?; export -p > '${left}'; exit $code; }\ntrap leave EXIT\nexec 2>&1\n${command}\n`
    const { status, stdout } = spawnSync('bash', ['--norc', '-c', script], {
      cwd: this.#cwd,
      env: this.#env,
      encoding: 'utf8',
      timeout: 300_000,
      maxBuffer: 1 << 26,
      input: '',
    })
    return { code: status, output: stdout }
  }
}
