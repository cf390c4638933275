import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** For tests: a file system of their own, or why this machine gives none. */
export interface TemporaryMount {
  path: string
  /** Other flags from now on, such as `ro`. */
  remount(flags: string): void
  unmount(): void
}

export function mountTmpfs(size: string): TemporaryMount | string {
  return mountAt(mkdtempSync(join(tmpdir(), 'art-mount-')), ['mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs'])
}

type Command = readonly [string, ...string[]]

/** On a loop device; `make` gets the image's path behind its arguments, `mount` the image's and the folder's. */
export function mountImage(make: Command, mount: Command = ['mount', '-o', 'loop']): TemporaryMount | string {
  const folder = mkdtempSync(join(tmpdir(), 'art-mount-'))
  const image = join(folder, 'image')
  writeFileSync(image, '')
  truncateSync(image, 320 << 20)
  const refusal = run(make[0], [...make.slice(1), image])
  if (refusal !== undefined) {
    rmSync(folder, { recursive: true })
    return refusal
  }
  return mountAt(folder, [...mount, image])
}

function mountAt(folder: string, mount: Command): TemporaryMount | string {
  const path = join(folder, 'mounted')
  mkdirSync(path)
  const refusal = run(mount[0], [...mount.slice(1), path])
  if (refusal !== undefined) {
    rmSync(folder, { recursive: true })
    return refusal
  }
  return {
    path,
    remount: (flags) => {
      const failure = run('mount', ['-o', `remount,${flags}`, path])
      if (failure !== undefined) throw new Error(failure)
    },
    unmount: () => {
      run('umount', ['-l', path])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function run(command: string, args: readonly string[]): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting needs root on Linux'
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error !== undefined) return `${command} is not installed`
  return status === 0 ? undefined : `${command} is refused here: ${stderr.trim().split('\n')[0]}`
}
