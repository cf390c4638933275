import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run, settle } from './measure.mjs'

/** One git repository with one tool in it, in the benchmark's folder. */
export class Repository {
  constructor(tool, folder, env) {
    this.tool = tool
    this.folder = folder
    this.env = env
  }

  /** A new one, without data. */
  static create(tool, base, env) {
    const folder = mkdtempSync(join(base, `${tool.name.toLowerCase()}-`))
    mkdirSync(join(folder, 'work'))
    const repository = new Repository(tool, join(folder, 'work'), env)
    repository.git('init', '-q', '-b', 'main')
    for (const args of tool.init) repository.tell(...args)
    return repository
  }

  /** Another place to keep things of this run: a remote, a clone. */
  beside(name) {
    return join(this.folder, '..', name)
  }

  git(...args) {
    const { status, stderr } = spawnSync('git', args, { cwd: this.folder, env: this.env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  }

  commit(message) {
    this.git('add', '-A')
    this.git('commit', '-q', '-m', message)
  }

  clone(name) {
    this.git('clone', '-q', this.folder, this.beside(name))
    return new Repository(this.tool, this.beside(name), this.env)
  }

  /** Runs the tool outside the measurement. */
  tell(...args) {
    return run([...this.tool.command, ...args], { cwd: this.folder, env: this.env })
  }

  /** Runs the tool and takes its time, and its peak memory where it is a Node program. */
  time(...args) {
    settle()
    const peakFile = this.tool.measuresPeak ? this.beside('peak') : undefined
    return run([...this.tool.command, ...args], { cwd: this.folder, env: this.env, peakFile })
  }

  remove() {
    rmSync(join(this.folder, '..'), { recursive: true, force: true })
  }
}
