import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isArtError } from '@art/core'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Source } from '../source.ts'
import { besideFolder } from './beside.ts'
import { bytesSource } from './bytes.ts'
import { countingSource } from './counting.ts'
import { fileSource } from './file.ts'
import { sliceSource } from './slice.ts'

let folder: string
const content = Buffer.from(Array.from({ length: 1_000_003 }, (_, i) => (i * 7919) >> 3))

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-source-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, bytes: Uint8Array = content): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

describe('a file as a source', () => {
  it('gives the bytes of any range, in any order', async () => {
    const source = await fileSource(written('any'))
    expect(source.size).toBe(content.length)
    const range = fc.tuple(fc.nat(content.length), fc.nat(300_000))
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 20 }), async (ranges) => {
        for (const [offset, most] of ranges) {
          const length = Math.min(most, content.length - offset)
          const bytes = await source.read(offset, length)
          expect(Buffer.compare(bytes, content.subarray(offset, offset + length))).toBe(0)
        }
      }),
      { numRuns: 50 },
    )
    await source.close()
  })

  it('answers reads that run at the same time', async () => {
    const source = await fileSource(written('together'))
    const offsets = Array.from({ length: 50 }, (_, i) => (i * 104_729) % 900_000)
    const all = await Promise.all(offsets.map((offset) => source.read(offset, 1_000)))
    for (const [i, offset] of offsets.entries()) {
      expect(Buffer.compare(all[i]!, content.subarray(offset, offset + 1_000))).toBe(0)
    }
    await source.close()
  })

  it('reads ahead where reading goes on, and little where it jumps', async () => {
    const path = written('ahead')
    const probe = await open(path)
    const read = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'read')
    await probe.close()
    const source = await fileSource(path)
    for (let at = 0; at < 800_000; at += 8) await source.read(at, 8)
    expect(read.mock.calls.length).toBeLessThan(20)
    read.mockClear()
    for (let at = 900_000; at > 100_000; at -= 100_000) await source.read(at, 30)
    const lengths = (read.mock.calls as unknown[][]).map((call) => Number(call[2]))
    expect(Math.max(...lengths)).toBeLessThanOrEqual(512)
    read.mockRestore()
    await source.close()
  })

  it('fails where the range is not inside, whatever the numbers', async () => {
    const source = await fileSource(written('short', Buffer.from('0123456789')))
    for (const [offset, length] of [
      [0, 11],
      [10, 1],
      [-1, 2],
      [5, -1],
      [2 ** 63, 1],
      [0, 2 ** 63],
      [Number.NaN, 1],
      [0.5, 1],
    ] as const) {
      expect(await codeOf(() => source.read(offset, length))).toBe('CORRUPT')
    }
    expect(await source.read(10, 0)).toHaveLength(0)
    await source.close()
  })

  it.each([
    ['grew', (path: string) => appendFileSync(path, 'x')],
    ['shrank', (path: string) => truncateSync(path, 10)],
  ])('fails once the file %s', async (_, change) => {
    const path = written('changed')
    const source = await fileSource(path)
    await source.read(0, 10)
    change(path)
    expect(await codeOf(() => source.read(500_000, 100_000))).toBe('CHANGED_WHILE_READ')
    await source.close()
  })

  it('is none without a file', async () => {
    expect(await codeOf(() => fileSource(join(folder, 'nowhere')))).toBe('NOT_FOUND')
    expect(await codeOf(() => fileSource(folder))).toBe('UNSUPPORTED')
    execFileSync('mkfifo', [join(folder, 'fifo')])
    expect(await codeOf(() => fileSource(join(folder, 'fifo')))).toBe('UNSUPPORTED')
  })

  it('stops at an abort', async () => {
    const source = await fileSource(written('abort'))
    await expect(source.read(0, 1, { signal: AbortSignal.abort() })).rejects.toThrow('abort')
    await source.close()
  })
})

describe('a slice of a source', () => {
  it('is a source of its own', async () => {
    const whole = countingSource(bytesSource('whole', Buffer.from('0123456789')))
    const slice = sliceSource(sliceSource(whole, 2, 6, 'middle'), 1, 4)
    expect([slice.name, slice.size]).toEqual(['middle', 4])
    expect(Buffer.from(await slice.read(1, 2)).toString()).toBe('45')
    expect(await codeOf(() => slice.read(3, 2))).toBe('CORRUPT')
    expect([whole.reads, whole.bytes, whole.touched()]).toEqual([1, 2, 2])
  })

  it('cannot reach beyond', async () => {
    const whole: Source = bytesSource('whole', Buffer.alloc(10))
    expect(await codeOf(async () => sliceSource(whole, 5, 6))).toBe('CORRUPT')
    expect(await codeOf(async () => sliceSource(whole, 2 ** 60, 2 ** 60))).toBe('CORRUPT')
  })
})

describe('files beside a model', () => {
  it('are opened by a path within the folder', async () => {
    mkdirSync(join(folder, 'model', 'sub'), { recursive: true })
    writeFileSync(join(folder, 'model', 'sub', 'weights'), 'here')
    const beside = besideFolder(join(folder, 'model'))
    for (const name of ['sub/weights', './sub/weights']) {
      const source = (await beside(name))!
      expect(Buffer.from(await source.read(0, 4)).toString()).toBe('here')
      await source.close()
    }
    expect(await beside('sub/nothing')).toBeUndefined()
    expect(await beside('sub/weights/deeper')).toBeUndefined()
  })

  it('are never outside it', async () => {
    mkdirSync(join(folder, 'linked'), { recursive: true })
    writeFileSync(join(folder, 'secret'), 'secret')
    symlinkSync('../secret', join(folder, 'linked', 'file'))
    symlinkSync('..', join(folder, 'linked', 'up'))
    const beside = besideFolder(join(folder, 'linked'))
    const names = [
      'file',
      'up/secret',
      '../secret',
      '../../etc/passwd',
      '/etc/passwd',
      'x/../../secret',
      'C:\\x',
      'c:/x',
    ]
    for (const name of [...names, '..\\secret', 'a\0b', '', '.', 'a//b', 'a/./b']) {
      expect(await codeOf(() => beside(name)), name).toBe('PATH_UNSAFE')
    }
  })
})
