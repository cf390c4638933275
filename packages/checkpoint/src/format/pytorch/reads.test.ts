import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { OP } from '../../pickle/opcodes.ts'
import { pickle, type Part } from '../../pickle/temporary-pickle.ts'
import { payload } from '../../payload.ts'
import { bytesSource } from '../../source/bytes.ts'
import { type CountingSource, countingSource } from '../../source/counting.ts'
import { fileSource } from '../../source/file.ts'
import type { Source } from '../../source.ts'
import { makeZip } from '../../zip/temporary-zip.ts'
import { payloadHash } from './temporary-facts.ts'
import { readPyTorch } from './read.ts'
import { dictOf, tensor } from './temporary-torch.ts'

const DATA = fileURLToPath(new URL('../../../../../test/data/models/torch/', import.meta.url))
const TENSORS = 300
const STORAGE = 7_000_000

const opened: Source[] = []

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close()
})

async function open(name: string): Promise<CountingSource> {
  const source = await fileSource(DATA + name)
  opened.push(source)
  return countingSource(source)
}

/** Bytes here and there, zeros between: a file that no test could hold. */
function sparse(size: number, parts: readonly { at: number; bytes: Uint8Array }[]): Source {
  return {
    name: 'sparse',
    size,
    async read(offset, length) {
      const out = Buffer.alloc(length)
      for (const { at, bytes } of parts) {
        const from = Math.max(at, offset)
        const to = Math.min(at + bytes.length, offset + length)
        if (from < to) out.set(bytes.subarray(from - at, to - at), from - offset)
      }
      return out
    },
    async close() {},
  }
}

/** A legacy checkpoint of 2.1 GB. */
function largeLegacy(): Source {
  const keys = Array.from({ length: TENSORS }, (_, i) => String(i))
  const numel = STORAGE / 4
  const body = dictOf(keys.map((key): [string, Part[]] => [`w${key}`, tensor({ key, numel, size: [numel] })]))
  const texts = keys.map((key) => Buffer.from([OP.SHORT_BINUNICODE, key.length, ...Buffer.from(key)]))
  const head = Buffer.concat([
    Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'),
    Buffer.from('80024de9032e80027d2e', 'hex'),
    pickle(body),
    pickle('EMPTY_LIST', 'MARK', texts, 'APPENDS'),
  ])
  const count = Buffer.alloc(8)
  count.writeBigInt64LE(BigInt(numel))
  const headers = keys.map((_, i) => ({ at: head.length + i * (STORAGE + 8), bytes: count }))
  return sparse(head.length + TENSORS * (STORAGE + 8), [{ at: 0, bytes: head }, ...headers])
}

/** The same as torch's zip, each record's data aligned. */
function largeZip(): Source {
  const keys = Array.from({ length: TENSORS }, (_, i) => String(i))
  const numel = STORAGE / 4
  const body = dictOf(keys.map((key): [string, Part[]] => [`w${key}`, tensor({ key, numel, size: [numel] })]))
  const small = makeZip([
    { name: 'm/data.pkl', data: pickle(body) },
    { name: 'm/byteorder', data: Buffer.from('little') },
    ...keys.map((key) => ({ name: `m/data/${key}`, data: Buffer.alloc(0) })),
  ])
  return spread(small)
}

/** Moves the empty records of an archive apart, and says in its directory that they are full. */
function spread(small: Buffer): Source {
  const end = small.length - 22
  const directory = Buffer.from(small.subarray(small.readUInt32LE(end + 16), end))
  const parts: { at: number; bytes: Uint8Array }[] = []
  let at = 0
  for (let entry = 0; entry < directory.length; entry += 46 + directory.readUInt16LE(entry + 28)) {
    const from = directory.readUInt32LE(entry + 42)
    const name = directory.readUInt16LE(entry + 28)
    const size = directory.readUInt32LE(entry + 24)
    const isStorage = size === 0
    const header = Buffer.from(small.subarray(from, from + 30 + name + (isStorage ? 0 : size)))
    directory.writeUInt32LE(at, entry + 42)
    if (isStorage) {
      const extra = (64 - ((at + header.length) % 64)) % 64
      header.writeUInt16LE(extra, 28)
      parts.push({ at, bytes: Buffer.concat([header, Buffer.alloc(extra)]) })
      directory.writeUInt32LE(STORAGE, entry + 20)
      directory.writeUInt32LE(STORAGE, entry + 24)
      at += header.length + extra + STORAGE
    } else {
      parts.push({ at, bytes: header })
      at += header.length
    }
  }
  const record = Buffer.from(small.subarray(end))
  record.writeUInt32LE(at, 16)
  parts.push({ at, bytes: Buffer.concat([directory, record]) })
  return sparse(at + directory.length + record.length, parts)
}

describe('reading a checkpoint of 2 GB', () => {
  it.each<[string, () => Source]>([
    ['zip', largeZip],
    ['legacy', largeLegacy],
  ])('in the %s format takes less than a megabyte of it', async (_, make) => {
    const source = countingSource(make())
    expect(source.size).toBeGreaterThan(2e9)
    const file = await readPyTorch(source)
    expect(file.tensors).toHaveLength(TENSORS)
    expect(source.bytes).toBeLessThan(500_000)
    expect(file.tensors.every(({ storage }) => storage?.place !== undefined)).toBe(true)
  })

  it('needs no local header of a record', async () => {
    const source = countingSource(largeZip())
    await readPyTorch(source)
    expect(source.reads).toBeLessThan(20)
  })
})

describe('the place of a storage', () => {
  it.each([
    'seed.pth',
    'seed.legacy.pth',
    'timm.pth',
    'upper_case.pth',
    'oldest.tar.pth',
    'exported.pt2',
    'exported_old.pt2',
    'scripted.pt',
  ])('is where its bytes stand in %s', async (name) => {
    const whole = await open(name)
    const { tensors } = await readPyTorch(whole)
    expect(tensors.length).toBeGreaterThan(2)
    for (const each of tensors) {
      const { storage } = each
      const { offset } = storage!.place!
      const there = { ...storage!, source: whole, offset }
      expect(await payloadHash({ ...each, storage: there })).toBe(await payloadHash(each))
    }
  })

  it('is not given where the record is compressed', async () => {
    const { tensors } = await readPyTorch(await open('deflated.pth'))
    expect(tensors.every(({ storage }) => storage?.place === undefined)).toBe(true)
  })
})

describe('the payload of a tensor', () => {
  it('is refused where there is none: it was saved from the meta device', async () => {
    const { tensors } = await readPyTorch(await open('shapes.pth'))
    const meta = tensors.find(({ name }) => name === 'meta')!
    expect(meta).toMatchObject({ dtype: 'bfloat16', shape: [2, 3], bytes: 12, storage: undefined })
    await expect(payload(meta).next()).rejects.toMatchObject({ code: 'UNSUPPORTED', path: 'meta' })
  })

  it('of one that lies in one piece is what the source gave, not a copy', async () => {
    const bytes = Buffer.alloc(16, 7)
    const source = bytesSource('m', bytes)
    const storage = { source, offset: 0, length: 16, bigEndian: false }
    const whole = { name: 'w', dtype: 'float32', shape: [4], elements: 4, bytes: 16, storage, offset: 0 }
    const { value } = await payload(whole).next()
    expect((value as Uint8Array).buffer).toBe(bytes.buffer)
  })
})

describe('what stands beside the tensors', () => {
  it('is told: devices, the container, the graph, who wrote it', async () => {
    const devices = await readPyTorch(await open('devices.pth'))
    expect(devices.tensors.map(({ storage }) => storage?.device)).toEqual(['cuda:0', 'cuda:1', 'cpu', 'mps'])
    expect(Object.fromEntries(devices.metadata)).toMatchObject({
      version: '3',
      byteorder: 'little',
      '.format_version': '1',
    })
    const exported = await readPyTorch(await open('exported.pt2'))
    expect(exported.producer).toMatchObject({ name: 'pytorch', version: expect.stringMatching(/^2\./) })
    expect(exported.graph?.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: [expect.any(String), 3, 8, 8] }])
    const facts = JSON.parse(readFileSync(`${DATA}exported.pt2.facts.json`, 'utf8')) as { operators: object }
    expect(Object.fromEntries(exported.graph!.operators)).toEqual(facts.operators)
    expect((await readPyTorch(await open('big_endian.pth'))).tensors[0]?.storage?.bigEndian).toBe(true)
  })

  it('names the format, and each import once, sorted', async () => {
    const formats: Record<string, string> = {
      'seed.pth': 'pytorch',
      'seed.legacy.pth': 'pytorch-legacy',
      'oldest.tar.pth': 'pytorch-legacy',
      'scripted.pt': 'torchscript',
      'frozen.pt': 'torchscript',
      'exported.pt2': 'torch-export',
      'exported_old.pt2': 'torch-export',
    }
    for (const [name, format] of Object.entries(formats)) {
      expect({ name, format: (await readPyTorch(await open(name))).format }).toEqual({ name, format })
    }
    const { imports } = await readPyTorch(await open('timm.pth'))
    expect(imports).toEqual(
      [
        'argparse.Namespace',
        'collections.OrderedDict',
        'numpy._core.multiarray.scalar',
        'numpy.dtype',
        'pathlib.PurePosixPath',
        'torch.FloatStorage',
        'torch.LongStorage',
        'torch._utils._rebuild_tensor_v2',
      ]
        .concat('_codecs.encode')
        .sort(),
    )
  })
})
