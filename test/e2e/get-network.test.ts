import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshName } from './fresh.ts'
import { eachUser, here, place } from './get-place.ts'
import { type GitHttp, startGitHttp } from './git-http.ts'
import { DATA } from './harness.ts'
import { expectProblem } from './problem.ts'

const NET = readFileSync(join(DATA, 'simple_cnn.pth'))

let server: GitHttp
let first: string

eachUser()

/** A bare repository that gives texts by their names, and one that gives all at once. */
beforeAll(async () => {
  const origin = await place.repository('team')
  await origin.ok('remote', 'add', '-d', 'origin', place.path('store'))
  origin.write('models.yaml', 'models:\n  net: models/net.pth\n')
  for (const bytes of [NET, readFileSync(join(DATA, 'simple_cnn_finetuned.pth'))]) {
    origin.write('models/net.pth', bytes)
    await origin.ok('add', 'models/net.pth')
    await origin.commit('pointer')
    await origin.ok('push')
    if (bytes === NET) await origin.git('tag', '-a', 'net@v1.0.0', '-m', 'x')
  }
  first = await origin.git('rev-parse', 'net@v1.0.0^{commit}')
  for (const name of ['models', 'whole'])
    await place.run('git', ['clone', '-q', '--bare', origin.folder, place.path(`srv/${name}.git`)])
  await place.run('git', ['-C', place.path('srv/models.git'), 'config', 'uploadpack.allowFilter', 'true'])
  server = await startGitHttp(place.path('srv'), place.env)
})
afterAll(() => server?.stop())

test.each([
  ['filters', 'models', '2'],
  ['does not filter', 'whole', '2'],
  ['filters, and gives no text by its name', 'models', '0'],
])('over http, from a server that %s', async (_, name, version) => {
  const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: version }
  const url = `${server.address}/${name}.git`
  for (const args of [
    ['net@v1.0.0'],
    ['models/net.pth', '--rev', first.slice(0, 12)],
    ['models/net.pth', '--rev', first],
  ]) {
    const file = args.join('-').replaceAll('/', '_')
    const got = await here.artWith({ env }, 'get', url, ...args, '-o', file, '--json')
    expect(JSON.parse(got.stdout || got.stderr)).toMatchObject({ commit: first, from: 'remote' })
    expect(readFileSync(here.path(file)).equals(NET)).toBe(true)
  }
  expect((await here.artWith({ env }, 'get', url, 'models/net.pth')).code).toBe(0)
  expect(readdirSync(place.path('tmp'))).toEqual([])
})

test('a private repository wants what the user has set up, and nobody is asked or told', async () => {
  const url = `${server.address}/private/models.git`
  await expectProblem(here, ['get', url, 'net@v1.0.0'], { code: 'GIT', path: url, hint: /credential helper/ })
  const withPassword = (password: string): string => url.replace('://', `://ada:${password}@`)
  const wrong = await here.art('get', withPassword('wrong'), 'net@v1.0.0')
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Authentication failed') })
  const right = await here.art('get', withPassword('secret'), 'net@v1.0.0', '--json')
  expect(JSON.parse(right.stdout)).toMatchObject({ source: url })
  expect(wrong.stderr + right.stdout + right.stderr).not.toMatch(/wrong|secret/)
  place.write('home/.gitconfig', '[credential]\n\thelper = "!f() { echo username=ada; echo password=secret; }; f"\n')
  await here.ok('get', url, 'net@v1.0.0', '-o', 'again.pth')
  await expectProblem(here, ['get', `${server.address}/none.git`, 'net'], { code: 'GIT', path: 'none.git' })
  expect(readdirSync(here.folder).sort()).toEqual(['again.pth', 'net.pth'])
})

test('with --rev a name that looks like a release is a path', async () => {
  const url = `${server.address}/models.git`
  await expectProblem(here, ['get', url, 'net@v1.0.0', '--rev', 'main'], { code: 'NOT_TRACKED', path: 'net@v1.0.0' })
})

/** Stands for ssh: `script` runs in place of a connection, and `$run` in it is what the server would run. */
function standIn(script: string): { env: Record<string, string> } {
  const program = place.write(`bin/${freshName('ssh')}`, `#!/bin/sh\nfor run; do :; done\n${script}\n`)
  chmodSync(program, 0o755)
  return { env: { GIT_SSH_COMMAND: program, GIT_SSH_VARIANT: 'ssh' } }
}

test('over ssh, what the server or ssh says first is not taken for the reason', async () => {
  const url = `git@host:${place.path('srv/models.git')}`
  const greets = 'echo "Welcome to host" >&2\nprintf "Warning: Permanently added host.\\r\\n" >&2\n'
  const got = await here.artWith(standIn(`${greets}eval "exec $run"`), 'get', url, 'net@v1.0.0')
  expect(got).toMatchObject({ code: 0 })
  expect(readFileSync(here.path('net.pth')).equals(NET)).toBe(true)
  for (const [said, hint] of [
    ['Permission denied (publickey).', /ssh key/],
    ['Host key verification failed.', /compare the key/],
  ] as const) {
    const run = standIn(`${greets}printf "${said}\\r\\n" >&2\nexit 255`)
    await expectProblem(here, ['get', url, 'net@v1.0.0', '-f'], { code: 'GIT', path: url, hint, run })
    expect((await here.artWith(run, 'get', url, 'net@v1.0.0', '-f')).stderr).toContain(`error: ${said}: `)
  }
})

test('an ssh that waits for its server ends with art', async () => {
  const file = place.path('ssh-pid')
  const { env } = standIn(`echo $$ > ${file}; exec sleep 600`)
  let pid = 0
  const running = here.artWith({ env, onStart: (started) => (pid = started) }, 'get', 'git@host:x.git', 'net')
  const ssh = (): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)
  await expect.poll(ssh, { timeout: 30_000 }).toBeGreaterThan(0)
  process.kill(pid, 'SIGTERM')
  expect(await running).toMatchObject({ code: 143 })
  await expect.poll(() => isRunning(ssh()), { timeout: 10_000 }).toBe(false)
  expect(readdirSync(place.path('tmp'))).toEqual([])
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
