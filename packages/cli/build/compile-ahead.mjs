import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const keeper = fileURLToPath(new URL('./keep-compiled.cjs', import.meta.url))
/** As PyTorch wrote it: so that what reads models is compiled too. */
const checkpoint = fileURLToPath(new URL('../../../test/data/simple_cnn.pth', import.meta.url))

/**
 * Runs what is typed most in a small repository, and keeps what V8 compiled for it in `dist/compiled`: see main.ts. Nothing but speed
 * depends on it, so that where it cannot be done the build goes on without.
 */
export function compileAhead(dist, build) {
  const out = join(dist, 'compiled', `${build}-${process.versions.v8}-${process.arch}`)
  const folder = mkdtempSync(join(tmpdir(), 'art-build-'))
  const own = Object.entries(process.env).filter(([name]) => !/^(ART_|GIT_|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name))
  const env = { ...Object.fromEntries(own), HOME: folder, XDG_CONFIG_HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const run = (program, args) => {
    const { status, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr}`)
  }
  const art = (...args) => run(process.execPath, [join(dist, 'art.js'), ...args])
  const keep = (...args) => run(process.execPath, [keeper, dist, out, ...args])
  try {
    mkdirSync(join(folder, 'data/below'), { recursive: true })
    for (const name of ['data/a', 'data/below/b']) writeFileSync(join(folder, name), name)
    copyFileSync(checkpoint, join(folder, 'model.pth'))
    run('git', ['init', '--quiet'])
    art('init')
    art('remote', 'add', '--default', 'remote', join(folder, 'remote'))
    keep('add', 'model.pth', 'data')
    run('git', ['add', '--all'])
    keep('hook', 'pre-commit')
    keep('push')
    rmSync(join(folder, '.art/cache'), { recursive: true })
    rmSync(join(folder, 'data'), { recursive: true })
    keep('pull')
    keep('diff')
    writeFileSync(join(folder, 'data/a'), 'other')
    keep('checkout', '--force')
    keep('version')
    keep('scan', checkpoint)
    keep('show', checkpoint)
    // Last: what it has of the part that all commands share is kept.
    keep('status')
  } catch (error) {
    console.error(`art: starts without compiled code, some milliseconds slower: ${error.message}`)
    rmSync(join(dist, 'compiled'), { recursive: true, force: true })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
