import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { installedTorch } from './torch-installed.ts'

let root: string
beforeEach(() => (root = realpathSync(mkdtempSync(join(tmpdir(), 'art-torch-')))))
afterEach(() => rmSync(root, { recursive: true }))

/** An environment as pip leaves it. */
function environment(name: string, version: string, library = 'lib/python3.12'): string {
  const folder = join(root, name, library, 'site-packages', `torch-${version}.dist-info`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'METADATA'), `Metadata-Version: 2.4\nName: torch\nVersion: ${version}\nSummary: x\n`)
  return join(root, name)
}

it('is that of the active environment, else of the one in the repository', () => {
  expect(installedTorch({ root, environment: {} })).toBeUndefined()
  environment('.venv', '2.1.0')
  expect(installedTorch({ root, environment: {} })?.version).toBe('2.1.0')
  const CONDA_PREFIX = environment('conda', '2.4.0+cu124')
  expect(installedTorch({ root, environment: { CONDA_PREFIX } })?.version).toBe('2.4.0+cu124')
  const VIRTUAL_ENV = environment('venv', '2.9.0', 'Lib')
  expect(installedTorch({ root, environment: { CONDA_PREFIX, VIRTUAL_ENV } })?.version).toBe('2.9.0')
  expect(installedTorch({ root, environment: { VIRTUAL_ENV: join(root, 'none') } })?.version).toBe('2.1.0')
})

it('is unknown where the files say nothing that is a version, or are none', () => {
  const broken = environment('broken', '2.0.0')
  const metadata = join(broken, 'lib/python3.12/site-packages/torch-2.0.0.dist-info/METADATA')
  writeFileSync(metadata, 'Version: \u001b[31m\n')
  expect(installedTorch({ root, environment: { VIRTUAL_ENV: broken } })).toMatchObject({
    of: broken,
    version: undefined,
  })
  rmSync(metadata)
  execFileSync('mkfifo', [metadata])
  expect(installedTorch({ root, environment: { VIRTUAL_ENV: broken } })).toMatchObject({
    of: broken,
    version: undefined,
  })
})

it('is that of the first Python of PATH where no environment is active, as an import would find it', () => {
  const folder = environment('system', '2.7.0', 'lib/python3.12')
  const HOME = join(root, 'home')
  environment('home/.local', '1.8.0', 'lib/python3.8')
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/python3.12'), '#!/bin/sh\nexit 1\n')
  chmodSync(join(folder, 'bin/python3.12'), 0o755)
  symlinkSync('python3.12', join(folder, 'bin/python3'))
  const path = { HOME, PATH: `relative:${join(folder, 'bin')}` }
  expect(installedTorch({ root, environment: path })).toEqual({
    of: join(folder, 'bin/python3'),
    by: 'PATH',
    version: '2.7.0',
  })
  environment('home/.local', '2.8.0', 'lib/python3.12')
  expect(installedTorch({ root, environment: path })?.version).toBe('2.8.0')
  writeFileSync(join(folder, 'pyvenv.cfg'), '')
  expect(installedTorch({ root, environment: path })?.version).toBe('2.7.0')
})
