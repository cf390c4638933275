import { bytesSource } from '../../source/bytes.ts'
import type { Source } from '../../source.ts'
import { call, global, integer, type Part, pickle, text, tupleOf } from '../../pickle/temporary-pickle.ts'
import { makeZip, type TestMember } from '../../zip/temporary-zip.ts'

/** For tests: a persistent id of a storage of float32. */
export function storageId(key: string, numel: number | Part = 4, ...more: readonly Part[]): Part[] {
  const count = typeof numel === 'number' ? integer(numel) : numel
  return [
    ...tupleOf(text('storage'), global('torch', 'FloatStorage'), text(key), text('cpu'), count, ...more),
    'BINPERSID',
  ]
}

export interface TestTensor {
  key?: string
  numel?: number | Part
  offset?: number | Part
  size?: readonly (number | Part)[]
  stride?: readonly (number | Part)[]
}

/** A call of `_rebuild_tensor_v2` over it. */
export function tensor({ key = '0', numel = 4, offset = 0, size = [4], stride = [1] }: TestTensor = {}): Part[] {
  const number = (value: number | Part): Part => (typeof value === 'number' ? integer(value) : value)
  return call(
    'torch._utils',
    '_rebuild_tensor_v2',
    ...storageId(key, numel),
    number(offset),
    ...tupleOf(...size.map(number)),
    ...tupleOf(...stride.map(number)),
    'NEWFALSE',
    ...call('collections', 'OrderedDict'),
  )
}

/** Numbers in a row of a storage, from one of them on; what gives the storage is the caller's. */
export function rowOf(storage: readonly Part[], offset: number, size: number): Part[] {
  return call(
    'torch._utils',
    '_rebuild_tensor_v2',
    ...storage,
    integer(offset),
    ...tupleOf(integer(size)),
    ...tupleOf(integer(1)),
    'NEWFALSE',
    'NONE',
  )
}

/** A dict with these values under their names. */
export function dictOf(
  values: Readonly<Record<string, readonly Part[]>> | readonly [string, readonly Part[]][],
): Part[] {
  const entries = Array.isArray(values) ? (values as [string, Part[]][]) : Object.entries(values)
  return ['EMPTY_DICT', 'MARK', ...entries.flatMap(([key, value]) => [text(key), ...value]), 'SETITEMS']
}

/** What `torch.save` would write around a pickle, with storages of so many bytes. */
export function torchZip(body: readonly Part[], more: readonly TestMember[] = []): Source {
  const bytes = makeZip([
    { name: 'm/data.pkl', data: pickle(body) },
    { name: 'm/byteorder', data: Buffer.from('little') },
    ...(more.some(({ name }) => name === 'm/data/0') ? [] : [{ name: 'm/data/0', data: Buffer.alloc(16) }]),
    ...more,
    { name: 'm/version', data: Buffer.from('3\n') },
  ])
  return bytesSource('m.pth', bytes)
}

export interface TestLegacy {
  keys?: readonly string[]
  storages?: Uint8Array
}

/** What the legacy format has around it: `storages` stand behind the list of keys. */
export function legacy(body: readonly Part[], { keys = ['0'], storages }: TestLegacy = {}): Source {
  const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex')
  const count = Buffer.alloc(8)
  count.writeBigInt64LE(4n)
  const bytes = Buffer.concat([
    magic,
    pickle(integer(1001)),
    pickle('EMPTY_DICT'),
    pickle(body),
    pickle('EMPTY_LIST', 'MARK', keys.map(text), 'APPENDS'),
    storages ?? Buffer.concat([count, Buffer.alloc(16)]),
  ])
  return bytesSource('m.pth', bytes)
}
