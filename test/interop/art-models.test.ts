import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Outcome, Place, ROOT } from '../e2e/harness.ts'

/** A program stands for art, since it must lie: what it writes, and what it says. The real one is in serving.test.ts. */
let place: Place
let count = 0
beforeAll(() => {
  place = new Place()
})
afterAll(() => place.dispose())

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const SCRIPT = `
import sys
sys.path.insert(0, sys.argv[1])
import art_models
try:
    with art_models.open(sys.argv[2], offline=len(sys.argv) > 3) as file:
        print(file.model.version, file.model.oid, file.path)
        print(file.read().decode())
except art_models.ArtError as error:
    print(error.code, error)
`

/** Opens a release by an art that runs lines of sh: `$out` is the folder that it was told to write to. */
async function open(art: string, cache: string): Promise<Outcome> {
  const path = place.write(`arts/${count++}`, `#!/bin/sh\nout=$6\n${art}\n`)
  chmodSync(path, 0o755)
  return await openWith(path, cache)
}

async function openWith(art: string, cache: string, ...offline: 'offline'[]): Promise<Outcome> {
  const env = { ART: art, ART_MODELS: cache }
  const args = ['-B', '-c', SCRIPT, join(ROOT, 'examples'), 'resnet#production', ...offline]
  return await place.run('python3', args, { env })
}

function getting(content: string, oid: string, version = '1.0.0'): string {
  const release = { name: 'resnet#production', model: 'resnet', version, tag: `resnet@v${version}`, commit: 'c' }
  return `test "$1 $2 $3 $4 $5 $7 $9" = "get --json --quiet --force --output -- resnet#production" || exit 9
printf %s '${content}' > "$out/new"
mv "$out/new" "$out/model.pth"
printf '%s' '${JSON.stringify({ path: 'x/model.pth', oid, release })}'`
}

test('a release is opened by name, and its path never changes its content', async () => {
  const cache = place.path('cache')
  const first = await open(getting('one', sha256('one')), cache)
  const [said, content] = first.stdout.trim().split('\n')
  const [version, oid, path] = said!.split(' ')
  expect([version, oid, content]).toEqual(['1.0.0', sha256('one'), 'one'])
  const second = await open(getting('two', sha256('two'), '1.1.0'), cache)
  expect(second.stdout).toMatch(/^1\.1\.0 .*\ntwo\n$/)
  expect(readFileSync(path!, 'utf8')).toBe('one')
  // Nor does damage stay.
  writeFileSync(path!, 'damaged')
  expect((await open(getting('one', sha256('one')), cache)).stdout).toContain('\none\n')
  expect(readFileSync(path!, 'utf8')).toBe('one')
})

test('bytes that are not those of the oid are not kept', async () => {
  const cache = place.path('wrong')
  const { stdout } = await open(getting('other', sha256('one')), cache)
  expect(stdout).toMatch(/^CORRUPT /)
  expect(readdirSync(join(cache, 'files', sha256('one')))).toEqual([])
})

test('what art says is an error with its code and hint, whatever it says', async () => {
  const error = { code: 'NOT_FOUND', message: 'no such release', path: 'resnet', hint: 'Look.' }
  const told = await open(`printf '%s' '${JSON.stringify({ error })}' >&2; exit 1`, place.path('c'))
  expect(told.stdout).toBe('NOT_FOUND no such release: resnet\nhint: Look.\n')
  const died = await open('echo broken >&2; exit 7', place.path('c'))
  expect(died.stdout).toContain('art ended with 7: broken')
})

test.each([
  ['ends well and says nothing', 'exit 0', /^None art gave no answer/],
  ['says what is no JSON', 'head -c 100000 /dev/zero', /^None art gave no answer/],
  ['says other JSON', `echo '[]'`, /^None art gave no answer/],
  ['fails with JSON of another kind', `echo '{"error": 5}' >&2; exit 1`, /^None art ended with 1: \{"error": 5\}/],
  ['is killed', 'kill -9 $$', /^None art ended with -9/],
])('an art that %s is an error, and no traceback', async (_, art, said) => {
  const { stdout, stderr } = await open(art, place.path('c'))
  expect(stdout).toMatch(said)
  expect(stderr).toBe('')
})

test('an art that does not start is an error that says so', async () => {
  for (const art of [place.path('absent'), place.base, place.write('no-program', 'text')]) {
    const { stdout, stderr } = await openWith(art, place.path('c'))
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^NOT_FOUND art does not start: .*\nhint: /), ''])
  }
})

test('offline a name is what was got last, without art, and its bytes are checked', async () => {
  const cache = place.path('offline')
  expect((await openWith('/absent', cache, 'offline')).stdout).toMatch(/^NOT_FOUND resnet#production was not got/)
  const { stdout } = await open(getting('one', sha256('one')), cache)
  expect((await openWith('/absent', cache, 'offline')).stdout).toBe(stdout)
  writeFileSync(stdout.split(/[ \n]/)[2]!, 'damaged')
  expect((await openWith('/absent', cache, 'offline')).stdout).toMatch(/^CORRUPT /)
})
