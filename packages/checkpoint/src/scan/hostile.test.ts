import { gzipSync } from 'node:zlib'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../source/bytes.ts'
import { countingSource } from '../source/counting.ts'
import type { Source } from '../source.ts'
import { makeZip } from '../zip/temporary-zip.ts'
import { type ScanReport, scanFile } from './scan.ts'

const SET = fileURLToPath(new URL('../../../../test/data/models/scan/', import.meta.url))
const latin = (text: string): Buffer => Buffer.from(text, 'latin1')
const scan = (bytes: Uint8Array): Promise<ScanReport> => scanFile(bytesSource('file', bytes))
const names = ({ imports }: ScanReport): string[] => imports.map(({ module, name }) => `${module}.${name}`)

/** `repeat` writes itself as often as fits. */
function filled(head: string, repeat: string, megabytes: number, tail = '.'): Buffer {
  const body = Buffer.alloc(megabytes * 1e6 - ((megabytes * 1e6) % repeat.length), repeat, 'latin1')
  return Buffer.concat([latin(head), body, latin(tail)])
}

function counted(code: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(9)
  head[0] = code
  head.writeBigUInt64LE(BigInt(data.length), 1)
  return Buffer.concat([head, data])
}

/** Zeros that are not there, with some bytes amid them. */
function sparse(size: number, parts: readonly [offset: number, bytes: Buffer][]): Source {
  return {
    name: 'sparse',
    size,
    async read(offset, length) {
      const bytes = Buffer.alloc(length)
      for (const [at, part] of parts) {
        const from = Math.max(at, offset)
        const to = Math.min(at + part.length, offset + length)
        if (from < to) part.copy(bytes, from - offset, from - at, to - at)
      }
      return bytes
    },
    async close() {},
  }
}

const BOMBS: [string, () => Buffer][] = [
  ['100,000 marks and more', () => filled('\x80\x02', '(', 20)],
  ['100,000 tuples in one another and more', () => filled('\x80\x02N', '\x85', 20)],
  ['lists that are all kept', () => filled('\x80\x04', ']\x94', 20)],
  ['texts that are all kept', () => filled('\x80\x04', '\x8c\x08abcdefgh\x94', 40)],
  ['tuples of texts that are all kept', () => filled('\x80\x04', '\x8c\x08abcdefgh\x85\x94', 40)],
  ['one import again and again', () => filled('\x80\x02', 'cos\nsystem\n0', 20)],
  ['one call again and again', () => filled('\x80\x02cos\nsystem\nq\0', 'h\0)R0', 20)],
  ['extension codes', () => filled('\x80\x02', '\x82\x01', 10)],
  ['pickles stacked', () => filled('', 'N.', 5)],
  ['escapes', () => filled('\x80\x02', `V${'\\u0041'.repeat(600)}\n`, 20)],
  ['a name of 40 MB', () => filled('\x80\x02c', 'a', 40)],
  ['memo indices up to 2³¹', () => filled('\x80\x02N', 'r\x01\0\0\x10r\xff\xff\xff\x7fr\0\x10\0\0r\0\0\x10\0', 10)],
  ['a constant of 2⁶³ bytes', () => latin('\x80\x04\x8e\0\0\0\0\0\0\0\x80.')],
  ['gzip', () => gzipSync(Buffer.alloc(200e6, '('))],
  ['deflate', () => makeZip([{ name: 'a/data.pkl', data: filled('\x80\x02', '(0', 100), deflate: true }])],
  [
    'constants of deflated zeros',
    () =>
      makeZip([
        {
          name: 'a/data.pkl',
          data: Buffer.concat([latin('\x80\x04'), counted(0x8e, Buffer.alloc(450e6)), latin('.')]),
          deflate: true,
        },
      ]),
  ],
]

describe('scanFile, of a file that means harm to the scanner', () => {
  it.each(BOMBS)(
    'ends in bounded time and memory, and calls nothing safe that it did not read: %s',
    async (_, make) => {
      const bytes = make()
      const before = process.memoryUsage().heapUsed
      const started = performance.now()
      const report = await scan(bytes)
      // Ten times what a quiet machine takes: a bomb takes minutes, or dies.
      expect(performance.now() - started).toBeLessThan(15_000)
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(400e6)
      expect(report.complete || report.verdict !== 'safe').toBe(true)
    },
  )

  it('goes into pickles and archives within one another as far as six levels, and says so', async () => {
    let pickle = latin('N.')
    for (let i = 0; i < 50; i++) {
      pickle = Buffer.concat([
        latin('\x80\x04ctorch.storage\n_load_from_bytes\n'),
        counted(0x8e, pickle),
        latin('\x85R.'),
      ])
    }
    const nested = await scan(pickle)
    expect([nested.verdict, nested.complete]).toEqual(['unknown', false])
    expect(nested.problems.join()).toContain('too deep')
    let zip = makeZip([{ name: 'a/data.pkl', data: latin('\x80\x02N.') }])
    for (let i = 0; i < 50; i++) zip = makeZip([{ name: 'a/inner', data: zip }])
    expect((await scan(zip)).complete).toBe(false)
  })

  it('reports what it saw before a limit', async () => {
    const report = await scan(filled('\x80\x02cos\nsystem\n', '(0', 20))
    expect([report.verdict, report.complete, names(report)]).toEqual(['unsafe', false, ['os.system']])
  })

  it('does not read long constants, and finds what stands behind them, across windows', async () => {
    const size = 3e9
    const head = Buffer.concat([latin('\x80\x04'), counted(0x8e, Buffer.alloc(0))])
    head.writeBigUInt64LE(BigInt(size - 1000), 3)
    const tail = latin('0cos\nsystem\n.')
    const source = countingSource(
      sparse(head.length + size - 1000 + tail.length, [
        [0, head],
        [head.length + size - 1000, tail],
      ]),
    )
    const report = await scanFile(source)
    expect(names(report)).toEqual(['os.system'])
    expect(source.bytes).toBeLessThan(1e6)
  })

  it('finds an import wherever the window’s edge cuts it', async () => {
    for (let shift = -30; shift <= 30; shift++) {
      const pad = Buffer.alloc((64 << 10) - 40 + shift, 'N0')
      const report = await scan(
        Buffer.concat([latin('\x80\x02'), pad, latin(pad.length % 2 === 1 ? '0' : ''), latin('cos\nsystem\n.')]),
      )
      expect(names(report)).toEqual(['os.system'])
    }
  })

  it('ends at once when the user interrupts', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'))
    await expect(scanFile(bytesSource('file', latin('N.')), { signal })).rejects.toThrow('interrupted')
  })

  it('fails as reading fails: a broken disk is no verdict', async () => {
    const broken: Source = { ...bytesSource('file', latin('N.')), read: async () => Promise.reject(new Error('EIO')) }
    await expect(scanFile(broken)).rejects.toThrow('EIO')
  })
})

describe('scanFile, of a damaged file', () => {
  const files = ['safe', 'unknown', 'unsafe'].flatMap((folder) =>
    readdirSync(`${SET}${folder}`).map((name) => ({ folder, name, bytes: readFileSync(`${SET}${folder}/${name}`) })),
  )

  it('gives a verdict, whatever byte is changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(255), async ({ bytes }, place, value) => {
        const damaged = Buffer.from(bytes)
        damaged[place % bytes.length] = value
        expect(['safe', 'unknown', 'unsafe']).toContain((await scan(damaged)).verdict)
      }),
      { numRuns: 2000 },
    )
  })

  it('never calls safe what is cut off', async () => {
    const safe = files.filter(({ folder, name }) => folder === 'safe' && !name.endsWith('.npy'))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...safe), fc.nat(), async ({ name, bytes }, place) => {
        const { format, verdict } = await scan(bytes.subarray(0, place % bytes.length))
        // Of a legacy file the payloads may be missing: no code is in them.
        expect({ name, isSafe: verdict === 'safe' && format !== 'pytorch-legacy' }).toEqual({ name, isSafe: false })
      }),
      { numRuns: 500 },
    )
  })
})
