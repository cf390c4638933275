import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { ArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'

/** What git calls need of a repository. */
export type GitContext = Pick<Repo, 'root' | 'environment'> & Partial<Pick<Repo, 'gitRoot' | 'gitDir' | 'gitSignal'>>

export interface GitAnswer {
  code: number
  stdout: Buffer
  stderr: string
}

export interface GitOptions {
  input?: string | Buffer
  /** Exit codes that are no failure. */
  codes?: readonly number[]
  /** By default the repository's root. */
  cwd?: string
  signal?: AbortSignal | undefined
}

/** Runs git without a shell, in the repository's root. Fails with `GIT` and the line in which git says why. */
export async function runGit(repo: GitContext, args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
  const answer = await collect(gitExecutable(repo.environment), args, {
    cwd: options.cwd ?? repo.root,
    environment: gitEnvironment(repo),
    input: options.input,
    signal: eitherOf(options.signal, repo.gitSignal),
    isGroup: repo.gitSignal !== undefined,
  })
  if ((options.codes ?? [0]).includes(answer.code)) return answer
  const verb = args.find((arg) => !arg.startsWith('-')) ?? ''
  const said = reasonIn(answer.stderr) || `git ${verb} failed with exit code ${answer.code}`
  // Git goes by the folder that it names, which need not be ours: that of a repository that it reads from.
  const [, owned] = /dubious ownership in repository at '(.+)'/.exec(answer.stderr) ?? []
  throw new ArtError('GIT', said, {
    path: repo.gitRoot ?? repo.root,
    hint: owned && `Run \`git config --global --add safe.directory ${shellWord(owned)}\` if you trust it.`,
  })
}

function eitherOf(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other])
}

/** The line in which git says why; of a connection that failed the last one that came over it: a server's greeting may be the first. */
export function reasonIn(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => /\w/.test(line.replace(/^remote:/, '')))
  const said = lines.filter((line) => !/^warning:/i.test(line))
  const end = said.findIndex((line) => line.startsWith('fatal: Could not read from remote repository'))
  const why = said.find((line, i) => i !== end && /^(?:fatal|error):/i.test(line)) ?? said[Math.max(end - 1, 0)]
  return (why ?? lines[0] ?? '').trim().replace(/^(?:(?:fatal|error): )+/, '')
}

/** What git printed, as the items between NULs. */
export function items(answer: GitAnswer): string[] {
  const text = answer.stdout.toString('utf8')
  return text === '' ? [] : (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0')
}

/** A revision from a user must not be read as an option. */
export function refuseOption(rev: string): string {
  if (!rev.startsWith('-') && rev !== '' && !/[\0\n]/.test(rev)) return rev
  throw new ArtError('USAGE', `${JSON.stringify(rev)} is no revision`, {
    path: rev,
    hint: 'Name a commit, branch or tag.',
  })
}

function collect(
  executable: string,
  args: readonly string[],
  options: {
    cwd: string
    environment: NodeJS.ProcessEnv
    input: string | Buffer | undefined
    signal: AbortSignal | undefined
    /** Git is ended with all that it runs: an ssh that waits for its server would stay. */
    isGroup: boolean
  },
): Promise<GitAnswer> {
  const { signal, isGroup } = options
  return new Promise((done, fail) => {
    signal?.throwIfAborted()
    const child = spawn(executable, args, {
      cwd: options.cwd,
      env: options.environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      detached: isGroup && process.platform !== 'win32',
    })
    const onAbort = (): void => {
      endAll(child, isGroup)
      fail(signal!.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => stdout.push(part))
    child.stderr.on('data', (part: Buffer) => stderr.push(part))
    // Git may stop reading early; its exit code tells why.
    child.stdin.on('error', () => undefined)
    child.on('error', (error) => fail(new ArtError('GIT', `git could not be run: ${error.message}`, { cause: error })))
    child.on('close', (code) => {
      signal?.removeEventListener('abort', onAbort)
      done({ code: code ?? 128, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') })
    })
    child.stdin.end(options.input)
  })
}

function endAll(child: ChildProcess, isGroup: boolean): void {
  try {
    if (isGroup && process.platform !== 'win32' && child.pid !== undefined) process.kill(-child.pid)
    else child.kill()
  } catch {
    // It has ended by itself.
  }
  // What it ran may stay, and hold them open.
  child.stdout?.destroy()
  child.stderr?.destroy()
}

const executables = new Map<string, string>()

/** From an absolute folder of PATH: a `git` that lies in the current folder may be anybody's. */
function gitExecutable(environment: NodeJS.ProcessEnv): string {
  const path = environment['PATH'] ?? environment['Path'] ?? ''
  const known = executables.get(path)
  if (known !== undefined) return known
  const name = process.platform === 'win32' ? 'git.exe' : 'git'
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, name)
    if (!isAbsolute(folder) || !existsSync(candidate)) continue
    executables.set(path, candidate)
    return candidate
  }
  throw new ArtError('GIT', 'git was not found', { hint: 'Install git, or put its folder into PATH.' })
}

const ABOUT_ANOTHER_PLACE = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_COMMON_DIR',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_PREFIX',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_LITERAL_PATHSPECS',
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
]

/**
 * A hook's environment may name another repository's folders, or this one's by relative paths. Kept is the index that a commit
 * in progress uses, and a git folder that cannot be found from the working tree.
 */
function gitEnvironment(repo: GitContext): NodeJS.ProcessEnv {
  const given = repo.environment
  const environment: NodeJS.ProcessEnv = { ...given, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' }
  for (const variable of ABOUT_ANOTHER_PLACE) delete environment[variable]
  refuseEmbedded(environment)
  const { gitRoot, gitDir } = repo
  if (gitRoot === undefined || gitDir === undefined) return environment
  if (given['GIT_DIR'] && given['GIT_WORK_TREE'] && real(resolve(given['GIT_DIR'])) === gitDir) {
    environment['GIT_DIR'] = gitDir
    environment['GIT_WORK_TREE'] = gitRoot
  }
  const index = given['GIT_INDEX_FILE']
  if (index) {
    const absolute = resolve(gitRoot, index)
    if (real(dirname(absolute)) === gitDir) environment['GIT_INDEX_FILE'] = absolute
  }
  return environment
}

/** A bare repository among tracked files would bring its own configuration, and with it commands to run. */
function refuseEmbedded(environment: NodeJS.ProcessEnv): void {
  const count = Number(environment['GIT_CONFIG_COUNT'] ?? 0) || 0
  environment['GIT_CONFIG_COUNT'] = String(count + 1)
  environment[`GIT_CONFIG_KEY_${count}`] = 'safe.bareRepository'
  environment[`GIT_CONFIG_VALUE_${count}`] = 'explicit'
}

function real(path: string): string | undefined {
  return existsSync(path) ? realpathSync.native(path) : undefined
}
