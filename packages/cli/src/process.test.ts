import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ART, Workplace } from './built.ts'

let place: Workplace
beforeAll(() => {
  place = new Workplace()
})
afterAll(() => place.remove())

describe('exit codes and streams', () => {
  it('version and help are on stdout and exit 0', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(place.art('--version')).toEqual({ code: 0, stdout: `art ${version}\n`, stderr: '' })
    expect(place.art('version').stdout).toBe(`art ${version}\n`)
    for (const args of [[], ['--help'], ['help'], ['add', '--help'], ['help', 'remote', 'add'], ['remote', '-h']]) {
      const { code, stdout, stderr } = place.art(...args)
      expect({ code, stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('art ')
    }
    const { stdout } = place.art('push', '--help')
    for (const text of ['-r, --remote <name>', '--dry-run', '-j, --jobs <n>', 'target', 'Also -C <dir>', 'Examples:'])
      expect(stdout).toContain(text)
  })

  it.each([
    [['psuh'], 'Did you mean `art push`?'],
    [['remote', 'lst'], 'Did you mean `art remote list`?'],
    [['add', '--updte'], 'Did you mean --update?'],
    [['--verson'], 'Did you mean --version?'],
    [['mv', 'one'], 'Usage: art mv <from> <to>'],
    [['version', 'x'], 'Usage: art version'],
    [['push', '-r'], '--remote needs a value'],
    [['repro'], 'out of scope'],
    [['gc'], 'not in this version yet'],
    [['help', 'pul'], 'Did you mean `art pull`?'],
  ])('art %j is wrong use: exit 2, and what to do', (args, hint) => {
    const { code, stdout, stderr } = place.art(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: /)
    expect(stderr).toContain(hint)
    expect(stderr).not.toContain('    at ')
  })

  it('an error is exit 1, one line and a hint; JSON with --json; a stack only with -v', () => {
    const plain = place.art('status')
    expect(plain).toMatchObject({ code: 1, stdout: '' })
    expect(plain.stderr.trimEnd().split('\n')).toHaveLength(2)
    const json = place.art('status', '--json')
    expect(json).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'NOT_A_REPOSITORY', hint: 'Run `art init`.' } })
    expect(JSON.parse(place.art('psuh', '--json').stderr)).toMatchObject({ error: { code: 'USAGE', path: null } })
    expect(place.art('-v', 'status').stderr).toContain('    at ')
    expect(place.art('-C', 'nowhere', 'status').code).toBe(1)
  })
})

describe('in a repository', () => {
  beforeAll(() => {
    mkdirSync(join(place.folder, 'sub'))
    writeFileSync(join(place.folder, '-dash'), 'a')
    writeFileSync(join(place.folder, 'sub/\u001b[31mred\n'), 'b')
    place.git('init', '-q')
    expect(place.art('init').code).toBe(0)
  })

  it('names with leading dashes work after --, and no control character reaches the terminal', () => {
    expect(place.art('add', '-dash').code).toBe(2)
    const { code, stdout } = place.art('add', '--', '-dash', 'sub/\u001b[31mred\n')
    expect(code).toBe(0)
    expect(stdout).toContain('sub/\\e[31mred\\n')
    expect(stdout).toContain("'-dash.art'")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    const line = stdout.split('\n').find((text) => text.trim().startsWith('git add')) ?? ''
    expect(place.run('bash', ['-c', line])).toMatchObject({ code: 0, stderr: '' })
    expect(place.git('diff', '--cached', '--name-only', '-z').stdout.split('\0')).toContain('-dash.art')
    expect(place.art('status').stdout).toContain('2 artifacts')
  })

  it('global flags work in any position, and colours only where asked', () => {
    expect(JSON.parse(place.art('--json', '-C', 'sub', 'status').stdout)).toMatchObject({
      artifacts: [{ path: '../-dash' }, {}],
    })
    expect(JSON.parse(place.art('status', '--json', '-Csub').stdout)).toMatchObject({ clean: true })
    expect(place.art('config', '--color=always', 'core.jobs', '4').stdout).not.toContain('\u001b')
    expect(place.art('remote', '--color', 'always').stdout).not.toContain('\u001b')
  })

  it('-q prints nothing, and status tells by its exit code', () => {
    expect(place.art('status', '-q')).toEqual({ code: 0, stdout: '', stderr: '' })
    writeFileSync(join(place.folder, '-dash'), 'changed')
    expect(place.art('status')).toMatchObject({ code: 0 })
    expect(place.art('status', '-q')).toEqual({ code: 1, stdout: '', stderr: '' })
    expect(place.art('add', '-u', '-q')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('what failed is named while the rest is done: exit 1', () => {
    writeFileSync(join(place.folder, 'good'), 'g')
    const { code, stdout, stderr } = place.art('add', 'good', 'absent')
    expect(code).toBe(1)
    expect(stdout).toContain('good')
    expect(stderr).toMatch(/^error: .*absent/)
    expect(place.json('add', 'good', 'absent')).toMatchObject({
      added: [{ path: 'good' }],
      failed: [{ path: 'absent' }],
    })
  })

  it('a closed pipe is quiet', () => {
    const { code, stderr } = place.run('bash', [
      '-c',
      `set -o pipefail; "${process.execPath}" "${ART}" completion bash | head -c 1`,
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('a large output comes whole through a pipe that is read late', async () => {
    const names = Array.from({ length: 3000 }, (_, at) => `${'x'.repeat(60)}${at}`)
    for (const name of names) writeFileSync(join(place.folder, `${name}.art`), 'broken')
    const child = spawn(process.execPath, [ART, 'status', '--json'], {
      cwd: place.folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const pieces: Buffer[] = []
    for await (const piece of child.stdout) pieces.push(piece as Buffer)
    const { failed } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { failed: unknown[] }
    expect(failed).toHaveLength(3000)
  })
})
