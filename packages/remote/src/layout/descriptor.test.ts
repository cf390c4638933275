import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import { readAll } from '../read-all.ts'
import { type Access, checkDescriptor, encodeDescriptor, openRemote } from './descriptor.ts'
import { DESCRIPTOR_KEY } from './keys.ts'

const ACCESSES: Access[] = ['read', 'write', 'gc']

/** docs/formats.md, section art-remote.json. */
const EXAMPLE = `{
  "art": 1,
  "read": [
    "packs-1"
  ],
  "write": [
    "packs-1",
    "roots-1"
  ],
  "gc": [
    "packs-1",
    "roots-1"
  ]
}
`

const holding = async (text: string): Promise<MemoryStore> => {
  const store = new MemoryStore()
  await store.put(DESCRIPTOR_KEY, Buffer.from(text))
  return store
}

it('is written as formats.md says: racing writers of any version put these bytes', () => {
  expect(encodeDescriptor().toString()).toBe(EXAMPLE)
})

describe('a new remote', () => {
  it('gets one from whoever writes first', async () => {
    const store = new MemoryStore()
    await openRemote(store, 'write')
    expect((await readAll(store, DESCRIPTOR_KEY)).toString()).toBe(EXAMPLE)
    for (const access of ACCESSES) await openRemote(store, access)
  })

  it('is not made by a reader, who is told what to do', async () => {
    const store = new MemoryStore()
    await expect(openRemote(store, 'read')).rejects.toMatchObject({
      code: 'REMOTE_NOT_FOUND',
      hint: expect.any(String) as string,
    })
    expect(store.size).toBe(0)
  })
})

describe('a feature that this version does not know', () => {
  it.each(ACCESSES)('stops those who need it, and nobody else: %s', async (access) => {
    const features = { ...(JSON.parse(EXAMPLE) as Record<Access, string[]>) }
    features[access] = [...features[access], 'encryption']
    const store = await holding(JSON.stringify(features))
    for (const other of ACCESSES) {
      const opened = openRemote(store, other)
      if (other === access)
        await expect(opened).rejects.toMatchObject({
          code: 'REMOTE_FEATURE',
          message: expect.stringContaining('encryption') as string,
        })
      else await expect(opened).resolves.toBeUndefined()
    }
  })

  it('may be told of in fields that this version does not know', async () => {
    const store = await holding(JSON.stringify({ ...JSON.parse(EXAMPLE), compression: 'on' }))
    await expect(openRemote(store, 'write')).resolves.toBeUndefined()
  })
})

describe('what is no descriptor', () => {
  const damaged = expect.objectContaining({ code: 'REMOTE_DAMAGED', path: 's3://bucket' })
  const checking = (bytes: Uint8Array, access: Access) => () => checkDescriptor(bytes, access, 's3://bucket')

  it.each([
    '',
    'null',
    '1',
    '"art"',
    '[]',
    '{}',
    '{"art":1}',
    '{"art":2,"read":[],"write":[],"gc":[]}',
    '{"art":"1","read":[],"write":[],"gc":[]}',
    '{"art":1,"read":[],"write":[]}',
    '{"art":1,"read":"packs-1","write":[],"gc":[]}',
    '{"art":1,"read":[1],"write":[],"gc":[]}',
    '{"art":1,"read":{"length":0},"write":[],"gc":[]}',
    '<html>Access denied</html>',
  ])('is refused: %s', (text) => {
    for (const access of ACCESSES) expect(checking(Buffer.from(text), access)).toThrow(damaged)
  })

  it('is refused when it is cut off', () => {
    for (let length = 0; length < EXAMPLE.length - 2; length++) {
      expect(checking(Buffer.from(EXAMPLE.slice(0, length)), 'read')).toThrow(damaged)
    }
  })

  it('is refused whatever bytes it has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...ACCESSES), (bytes, access) => {
        expect(checking(bytes, access)).toThrow(damaged)
      }),
    )
  })

  it('is not made anew where contents are remembered: the disk is rather not mounted', async () => {
    const store = new MemoryStore()
    await expect(openRemote(store, 'write', { remembered: '/cache/tables/x' })).rejects.toMatchObject({
      code: 'REMOTE_NOT_FOUND',
      hint: expect.stringContaining('delete /cache/tables/x') as string,
    })
    expect(await store.head(DESCRIPTOR_KEY)).toBeUndefined()
    await openRemote(store, 'write')
    await openRemote(store, 'write', { remembered: '/cache/tables/x' })
  })

  it('is refused before it fills the memory', async () => {
    const store = new MemoryStore()
    await store.put(DESCRIPTOR_KEY, { size: 2 << 20, open: () => [new Uint8Array(2 << 20).fill(0x20)] })
    await expect(openRemote(store, 'read')).rejects.toMatchObject({ code: 'REMOTE_DAMAGED' })
  })
})
