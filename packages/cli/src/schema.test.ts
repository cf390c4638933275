import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workplace } from './built.ts'
import { COMMANDS, isGroup } from './command/table.ts'

const FOLDER = new URL('../../../docs/schemas/', import.meta.url)
const CHECKPOINT = fileURLToPath(new URL('../../../test/data/simple_cnn.pth', import.meta.url))
const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false })
const names = readdirSync(FOLDER).flatMap((name) => (name.endsWith('.schema.json') ? [name] : []))
for (const name of names) ajv.addSchema(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as object)

let place: Workplace
beforeAll(() => {
  place = new Workplace()
  place.git('init', '-q')
})
afterAll(() => place.remove())

it('every command has a schema', () => {
  const commands = Object.entries(COMMANDS).flatMap(([verb, entry]) =>
    isGroup(entry) ? Object.keys(entry.verbs).map((second) => `${verb}-${second}`) : [verb],
  )
  const files = ['metadata-file', 'models-file', 'registry-file']
  expect(names.sort()).toEqual([...commands, 'error', 'failure', ...files].map((name) => `${name}.schema.json`).sort())
})

function check(schema: string, ...args: string[]): unknown {
  const document = place.json(...args)
  const validate = ajv.getSchema(`${schema}.schema.json`)
  expect(
    validate?.(document),
    `${args.join(' ')}: ${ajv.errorsText(validate?.errors)} in ${JSON.stringify(document)}`,
  ).toBe(true)
  return document
}

it('what the built program prints with --json is valid, along the main job', () => {
  check('init', 'init')
  writeFileSync(join(place.folder, 'a.bin'), 'a'.repeat(1000))
  expect(check('add', 'add', 'a.bin', 'absent')).toMatchObject({
    added: [{ size: 1000 }],
    failed: [{ path: 'absent' }],
  })
  check('status', 'status')
  place.git('add', '-A')
  place.git('commit', '-qm', 'one')
  check('check', 'check')
  check('remote-add', 'remote', 'add', '-d', 'here', join(place.folder, '../', `${place.folder}-remote`))
  check('remote-list', 'remote', 'list')
  check('remote-default', 'remote', 'default')
  check('remote-modify', 'remote', 'modify', 'here', 'compression', 'on')
  check('remote-modify', 'remote', 'modify', 'here', 'compression', '--unset')
  check('remote-check', 'remote', 'check')
  check('status', 'status', '-c')
  check('push', 'push', '-n')
  expect(check('push', 'push')).toMatchObject({ remote: 'here', artifacts: 1, bytes: { logical: 1000 } })
  check('fetch', 'fetch')
  check('fetch', 'fetch', '-n')
  check('pull', 'pull')
  copyFileSync(CHECKPOINT, join(place.folder, 'model.pth'))
  check('add', 'add', 'model.pth')
  check('push', 'push', 'model.pth')
  expect(check('pull', 'pull', '--only', 'weights')).toMatchObject({
    weights: [{ path: 'model.safetensors' }],
    skipped: ['a.bin'],
  })
  check('pull', 'pull', '--only', 'weights', '-n')
  writeFileSync(join(place.folder, 'a.bin'), 'b')
  check('diff', 'diff')
  expect(check('checkout', 'checkout')).toMatchObject({ failed: [{ code: 'WOULD_OVERWRITE' }] })
  check('checkout', 'checkout', '-f')
  check('mv', 'mv', 'a.bin', 'b.bin')
  check('rm', 'rm', '-n', 'b.bin')
  check('rm', 'rm', 'b.bin')
  check('config', 'config')
  check('config', 'config', 'core.jobs')
  check('config', 'config', 'core.jobs', '3')
  check('config', 'config', 'core.jobs')
  check('config', 'config', '--unset', 'core.jobs')
  check('cache-dir', 'cache', 'dir')
  check('install', 'install')
  check('install', 'install', '--remove')
  check('remote-remove', 'remote', 'remove', 'here')
  check('completion', 'completion', 'bash')
  expect(check('scan', 'scan', 'b.bin', 'absent')).toMatchObject({ verdict: 'unknown', failed: [{ path: 'absent' }] })
  check('export', 'export', CHECKPOINT, '--to', 'safetensors', '-o', 'out.safetensors')
  check('version', 'version')
  check('error', 'push')
  check('error', 'psuh')
})
