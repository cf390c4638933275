import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { installedTorch } from './torch-installed.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'art-torch-'))))
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
  expect(installedTorch({ root, environment: {} })).toBe('2.1.0')
  const CONDA_PREFIX = environment('conda', '2.4.0+cu124')
  expect(installedTorch({ root, environment: { CONDA_PREFIX } })).toBe('2.4.0+cu124')
  const VIRTUAL_ENV = environment('venv', '2.9.0', 'Lib')
  expect(installedTorch({ root, environment: { CONDA_PREFIX, VIRTUAL_ENV } })).toBe('2.9.0')
  expect(installedTorch({ root, environment: { VIRTUAL_ENV: join(root, 'none') } })).toBe('2.1.0')
})

it('is unknown where the files say nothing that is a version, or are none', () => {
  const broken = environment('broken', '2.0.0')
  const metadata = join(broken, 'lib/python3.12/site-packages/torch-2.0.0.dist-info/METADATA')
  writeFileSync(metadata, 'Version: \u001b[31m\n')
  expect(installedTorch({ root, environment: { VIRTUAL_ENV: broken } })).toBeUndefined()
  rmSync(metadata)
  execFileSync('mkfifo', [metadata])
  expect(installedTorch({ root, environment: { VIRTUAL_ENV: broken } })).toBeUndefined()
})
