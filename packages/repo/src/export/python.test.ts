import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Repo } from '../open.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { findPython } from './python.ts'

let made: TemporaryRepo
let repo: Repo
beforeEach(async () => {
  made = await TemporaryRepo.create()
  repo = await made.open()
})
afterEach(() => made.remove())

function program(path: string): string {
  const full = join(made.base, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, '#!/bin/sh\n')
  chmodSync(full, 0o755)
  return full
}

function found(named: string | undefined, environment: NodeJS.ProcessEnv): Promise<{ executable: string; by: string }> {
  return findPython(named, { cwd: made.root, environment, repo })
}

describe('the Python that is run', () => {
  it('is the named one, else of the active environment, of .venv, of PATH', async () => {
    const [venv, conda, own, path, other] = [
      program('venv/bin/python'),
      program('conda/bin/python'),
      program('work/.venv/bin/python'),
      program('usr/bin/python3'),
      program('other/bin/python'),
    ]
    const PATH = join(made.base, 'usr/bin')
    const VIRTUAL_ENV = join(made.base, 'venv')
    const CONDA_PREFIX = join(made.base, 'conda')
    expect(await found(undefined, { PATH, VIRTUAL_ENV, CONDA_PREFIX })).toEqual({ executable: venv, by: 'VIRTUAL_ENV' })
    expect(await found(undefined, { PATH, CONDA_PREFIX })).toEqual({ executable: conda, by: 'CONDA_PREFIX' })
    expect(await found(undefined, { PATH })).toEqual({ executable: own, by: '.venv' })
    for (const named of ['../other/bin/python', '../other', other])
      expect(await found(named, { PATH, VIRTUAL_ENV })).toEqual({ executable: other, by: '--python' })
    expect((await found('python3', { PATH })).executable).toBe(path)
    // An environment is told by the link that its Python is called through.
    symlinkSync(path, join(made.base, 'linked'))
    expect((await found('../linked', {})).executable).toBe(join(made.base, 'linked'))
  })

  it('is never one that git brought, nor in a relative folder of PATH', async () => {
    program('work/.venv/bin/python')
    program('work/bin/python3')
    made.git('add', '--force', '.venv')
    const PATH = ['bin', '.', ''].join(':')
    await expect(found(undefined, { PATH: `${PATH}:/nowhere` })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(found('python3', { PATH })).rejects.toMatchObject({ code: 'NOT_FOUND', path: 'python3' })
    const unpacked = { cwd: made.root, environment: {}, repo: { root: made.root, environment: {} } }
    await expect(findPython(undefined, unpacked)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is not another where the active environment has none', async () => {
    program('usr/bin/python3')
    const environment = { PATH: join(made.base, 'usr/bin'), VIRTUAL_ENV: join(made.base, 'gone') }
    await expect(found(undefined, environment)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      path: environment.VIRTUAL_ENV,
    })
    await expect(found('absent/python', environment)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      path: 'absent/python',
    })
  })
})
