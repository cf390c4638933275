import { existsSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { BUNDLE, Place, type Work } from './harness.ts'
import { noise } from './tree.ts'

let place: Place
let work: Work

const ESCAPE = '\u001b'
const NASTY = `evil${ESCAPE}[2J${ESCAPE}]0;title\u0007\u202etxt\u009b31m`
const COLOURFUL = { env: { NO_COLOR: undefined, TERM: 'xterm-256color' } }

beforeAll(async () => {
  place = new Place()
  work = await place.repository('work')
  await work.ok('remote', 'add', '-d', 'origin', '../store')
  work.write('a', 'a')
  await work.ok('add', 'a')
})
afterAll(() => place.dispose())

/** As a command line in a terminal of 80 columns; undefined where `script` is not there to make one. */
async function inTerminal(command: string, env: Record<string, string | undefined>): Promise<string | undefined> {
  if (!existsSync('/usr/bin/script')) return undefined
  const line = `stty cols 80 2>/dev/null; ${command}`
  const { stdout } = await place.run('script', ['-qec', line, '/dev/null'], { cwd: work.folder, env })
  return stdout
}

test('colours: none in a pipe, none with NO_COLOR, always when asked', async () => {
  work.write('b', 'b')
  await work.ok('add', 'b')
  rmSync(work.path('b'))
  const shown = async (options: object, ...flags: string[]) => (await work.artWith(options, 'status', ...flags)).stdout
  expect(await shown(COLOURFUL)).not.toContain(ESCAPE)
  expect(await shown(COLOURFUL, '--color', 'always')).toContain(`${ESCAPE}[31mmissing`)
  expect(await shown({}, '--color=always')).toContain(ESCAPE)
  expect((await work.artWith(COLOURFUL, 'status', 'nothing', '--color', 'always')).stderr).toContain(
    `${ESCAPE}[31merror:`,
  )
  await work.ok('checkout', 'b')
})

test('in a terminal: coloured and within 80 columns; NO_COLOR takes the colours away', async ({ skip }) => {
  const long = `models/${'long-name-'.repeat(12)}.pth`
  work.write(long, 'long')
  await work.ok('add', long)
  const coloured = await inTerminal('art status', COLOURFUL.env)
  if (coloured === undefined) return skip('script(1) is not installed')
  expect(coloured).toContain(ESCAPE)
  const plain = await inTerminal('art status', { TERM: 'xterm-256color' })
  expect(plain).not.toContain(ESCAPE)
  for (const line of (plain as string).split(/\r?\n/))
    if (line.startsWith('new')) expect(line.length).toBeLessThanOrEqual(80)
})

test('names of files never reach the terminal raw', async () => {
  work.write(NASTY, 'x')
  work.write(`dir/${NASTY}`, 'x')
  const said: string[] = []
  const note = async (...args: string[]): Promise<void> => {
    const { stdout, stderr } = await work.art(...args)
    said.push(stdout, stderr)
  }
  await note('add', NASTY, 'dir', `absent${NASTY}`)
  await note('status')
  await work.commit('nasty')
  rmSync(work.path(NASTY))
  work.write(`dir/${NASTY}`, 'changed')
  await note('status', NASTY)
  await note('diff')
  await note('checkout')
  await note('push', '-n')
  await note('-v', 'push')
  await note(NASTY)
  await note('rm', NASTY)
  const all = said.join('')
  expect(all).toContain('evil\\e[2J\\e]0;title\\x07\\u{202e}txt\\x9b31m')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(all).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
})

test('-q says nothing but errors', async () => {
  work.write('quiet', noise(3 << 20, 1))
  for (const args of [['add', 'quiet'], ['push'], ['fetch'], ['pull'], ['checkout']]) {
    const { stdout, stderr } = await work.art(
      '-q',
      ...args,
      ...(args[0] === 'checkout' || args[0] === 'pull' ? ['quiet'] : []),
    )
    expect([stdout, stderr], args.join(' ')).toEqual(['', ''])
  }
  expect((await work.art('-q', 'add', 'absent')).stderr).toMatch(/^error: /)
})

test('a pipe that closes early is no error', async () => {
  const line = `'${process.execPath}' '${BUNDLE}' --help | head -1; '${process.execPath}' '${BUNDLE}' status 2>&1 | true`
  const { code, stdout, stderr } = await place.run('sh', ['-c', line], { cwd: work.folder })
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.split('\n')).toHaveLength(2)
})

test('an interrupted transfer exits 130 and says how to go on', async () => {
  let pid = 0
  const silent = createServer((socket) => {
    socket.on('error', () => undefined)
    process.kill(pid, 'SIGINT')
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as { port: number }
  await work.ok(
    'remote',
    'add',
    'silent',
    's3://bucket/x',
    '--endpoint',
    `http://127.0.0.1:${port}`,
    '--region',
    'us-east-1',
  )
  const options = {
    env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    onStart: (started: number) => {
      pid = started
    },
  }
  const { code, stdout, stderr } = await work.artWith(options, 'push', '-r', 'silent', 'a')
  expect(code).toBe(130)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/interrupted[^]*hint: .*`art push -r silent a`/)
  expect(stderr).not.toMatch(/^\s+at /m)
})

test('-v tells of every request, to a folder as to a server; nobody else hears of them', async () => {
  work.write('asked', 'for')
  await work.ok('add', 'asked')
  const request = /^(HEAD|GET|PUT|LIST|DELETE) \S+ \d+ ms$/
  const { stderr } = await work.ok('-v', '--no-progress', 'push', 'asked')
  const lines = stderr.trim().split('\n')
  for (const line of lines) expect(line).toMatch(request)
  for (const part of ['GET art-remote.json', 'PUT packs/', 'PUT recipes/f-', 'PUT roots/', 'LIST gc/'])
    expect(lines.some((line) => line.startsWith(part))).toBe(true)
  expect((await work.ok('--no-progress', 'push', 'asked')).stderr).toBe('')
  const json = await work.ok('-v', '--json', 'push', 'asked')
  expect(json.stderr).toBe('')
})

/** Pushes to a server that takes connections and never answers; ends when it has been waited for more than a second. */
async function pushToStalled(...flags: string[]): Promise<string> {
  let pid = 0
  let connections = 0
  const stalled = createServer((socket) => {
    socket.on('error', () => undefined)
    if (++connections === 2) process.kill(pid, 'SIGINT')
  })
  await new Promise<void>((resolve) => stalled.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void stalled.close())
  const { port } = stalled.address() as { port: number }
  const options = {
    env: {
      ART_REMOTE_STALLED_URL: 's3://bucket/x',
      ART_REMOTE_STALLED_ENDPOINT: `http://127.0.0.1:${port}`,
      ART_REMOTE_STALLED_REGION: 'us-east-1',
      ART_REMOTE_STALLED_IDLE_TIMEOUT: '1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    },
    onStart: (started: number) => {
      pid = started
    },
  }
  const { code, stderr } = await work.artWith(options, 'push', '-r', 'stalled', 'a', 'slow', ...flags)
  expect(code, stderr).toBe(130)
  return stderr
}

test('progress: a line for what takes over half a second, with what there is to do; none with -q, --no-progress, --json', async () => {
  work.write('slow', noise(3 << 20, 2))
  await work.ok('add', 'slow')
  expect(await pushToStalled()).toMatch(/^checking +0 % +0\/2 artifacts\n/)
  for (const flag of ['-q', '--no-progress', '--json']) expect(await pushToStalled(flag)).not.toMatch(/^checking/m)
})

test('what was modified is named by push, and the rest is pushed', async () => {
  work.write('models/x.pth', 'first')
  await work.ok('add', 'models/x.pth')
  work.write('models/x.pth', 'second version')
  const { stderr, stdout } = await work.ok('--no-progress', 'push', 'models')
  expect(stderr).toBe('warning: models/x.pth differs from its pointer: `art add` it first to push the new version\n')
  expect(stdout).toMatch(/^pushed \d artifacts?, .* 5 B new of/)
  expect((await work.ok('-q', 'push', 'models')).stderr).toBe('')
  expect(await work.json('push', 'models')).toMatchObject({ warnings: [{ path: 'models/x.pth' }] })
})

test('--verbose adds stack traces', async () => {
  expect((await work.art('push', '--rev', 'nope')).stderr).not.toMatch(/^\s+at /m)
  expect((await work.art('-v', 'push', '--rev', 'nope')).stderr).toMatch(/^\s+at /m)
})
