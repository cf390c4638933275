import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPlainFile } from './plain-file.ts'
import { readSmallText } from './read-text.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-plain-'))
  path = join(folder, 'x')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const read = (follow = false, max = 5) =>
  readPlainFile(path, { max, what: 'the pointer', code: 'POINTER_INVALID', path: 'name', follow }).toString('utf8')

const error = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (thrown) {
    return thrown
  }
}

it('reads up to the bound, and nothing of a larger file', () => {
  writeFileSync(path, '')
  expect(read()).toBe('')
  writeFileSync(path, '12345')
  expect(read()).toBe('12345')
  writeFileSync(path, '123456')
  expect(error(read)).toMatchObject({
    code: 'POINTER_INVALID',
    path: 'name',
    message: 'the pointer is larger than 5 bytes',
  })
  truncateSync(path, 2 ** 40)
  expect(error(() => read(false, 1 << 20))).toMatchObject({ message: 'the pointer is larger than 1 MiB' })
})

it('fails as the system does where there is none', () => {
  expect(error(read)).toMatchObject({ code: 'ENOENT' })
  expect(readSmallText(path)).toBeUndefined()
})

describe.skipIf(process.platform === 'win32')('of POSIX', () => {
  it('follows a link only where told so', () => {
    writeFileSync(join(folder, 'there'), 'x')
    symlinkSync('there', path)
    expect(error(read)).toMatchObject({ code: 'PATH_UNSAFE', path: 'name', message: 'the pointer is a symbolic link' })
    expect(read(true)).toBe('x')
    expect(error(() => readSmallText(path))).toMatchObject({ code: 'PATH_UNSAFE', path })
    expect(readSmallText(path, { follow: true })).toBe('x')
  })

  it.each(['/dev/zero', '/dev/full'])('refuses a link to %s by name, unread', (device) => {
    symlinkSync(device, path)
    expect(error(read)).toMatchObject({ code: 'PATH_UNSAFE', path: 'name' })
    expect(error(() => read(true))).toMatchObject({
      code: 'POINTER_INVALID',
      message: 'the pointer is no regular file',
    })
    expect(error(() => readSmallText(path, { follow: true }))).toMatchObject({ code: 'CONFIG_INVALID', path })
  })

  it('refuses a pipe at once, also behind a link, a folder and a socket', async () => {
    execFileSync('mkfifo', [path])
    const refused = { code: 'POINTER_INVALID', path: 'name', message: 'the pointer is no regular file' }
    expect(error(read)).toMatchObject(refused)
    rmSync(path)
    execFileSync('mkfifo', [join(folder, 'pipe')])
    symlinkSync('pipe', path)
    expect(error(() => read(true))).toMatchObject(refused)
    rmSync(path)
    mkdirSync(path)
    expect(error(read)).toMatchObject(refused)
    rmSync(path, { recursive: true })
    const server = createServer()
    await new Promise<void>((done) => server.listen(path, done))
    expect(error(read)).toMatchObject(refused)
    await new Promise((done) => server.close(done))
  })
})

it.skipIf(!existsSync('/proc/self/limits'))('is bounded where a file says that it is empty, and is not', () => {
  path = '/proc/self/limits'
  expect(read(false, 1 << 20)).toContain('Max open files')
  expect(error(() => read(false, 100))).toMatchObject({ message: 'the pointer is larger than 100 bytes' })
})
