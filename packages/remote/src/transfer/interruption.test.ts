import { randomBytes } from 'node:crypto'
import { ArtError } from '@art/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { faultyStore } from '../decorate/fault.ts'
import type { ByteSource, ObjectStore, PutOptions } from '../object-store.ts'
import type { Target } from './target.ts'
import { TwoMachines, verifyCache } from './two-machines.ts'

let machines: TwoMachines
let targets: Target[]
beforeEach(async () => {
  machines = await TwoMachines.start()
  targets = [await machines.addDataset(), await machines.addFile('model.pth', randomBytes(300_000))]
})
afterEach(() => machines.close())

/** The process is killed at its nth put, before or after the store has done it. */
function killedAt(store: ObjectStore, n: number, done: boolean): ObjectStore {
  let puts = 0
  return over(store, {
    put: async (key, body, options) => {
      const last = ++puts === n
      if (!last || done) await store.put(key, body, options)
      if (last) throw new ArtError('INTERRUPTED', 'killed', { path: key })
      return { created: true }
    },
  })
}

function over(store: ObjectStore, changes: Partial<ObjectStore>): ObjectStore {
  return {
    url: store.url,
    capabilities: store.capabilities,
    head: (key, options) => store.head(key, options),
    get: (key, options) => store.get(key, options),
    put: (key: string, body: Uint8Array | ByteSource, options?: PutOptions) => store.put(key, body, options),
    list: (prefix, options) => store.list(prefix, options),
    delete: (keys, options) => store.delete(keys, options),
    ...changes,
  }
}

async function expectWhole(): Promise<void> {
  const fresh = machines.another()
  expect((await machines.fetch(targets, machines.store, fresh)).missing).toEqual([])
  expect(verifyCache(fresh)).toBeGreaterThan(20)
}

describe.each([false, true])('a push that is killed at a put (done by the store: %s)', (done) => {
  it('is completed by running it again, whichever put it was', async () => {
    let killed = 0
    for (let n = 1; ; n++) {
      machines.close()
      machines = await TwoMachines.start()
      targets = [await machines.addDataset(), await machines.addFile('model.pth', randomBytes(300_000))]
      try {
        await machines.push(targets, killedAt(machines.store, n, done))
        break
      } catch (error) {
        expect(error).toMatchObject({ code: 'INTERRUPTED' })
        killed++
      }
      // A root is only there when everything that it names is.
      if (machines.keys('roots/').length > 0) await expectWhole()
      expect((await machines.push(targets)).missing).toEqual([])
      await expectWhole()
    }
    // Descriptor, a pack, two recipes, the root.
    expect(killed).toBeGreaterThanOrEqual(5)
  })
})

describe('a push through a bad network', () => {
  it.each(Array.from({ length: 10 }, (_, seed) => seed))(
    'arrives, with refusals, lost answers and late puts (seed %i)',
    async (seed) => {
      const faulty = faultyStore(machines.store, seed, { refuse: 0.3, lostAnswer: 0.2, latePut: 0.2, cut: 0.1 })
      expect((await machines.push(targets, machines.patient(faulty))).missing).toEqual([])
      await expectWhole()
      await faulty.settle()
      await expectWhole()
    },
  )

  it('fails by name where the server refuses everything, and nothing is published', async () => {
    const faulty = faultyStore(machines.store, 1, { refuse: 1 })
    await expect(machines.push(targets, machines.patient(faulty))).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      path: 'art-remote.json',
      hint: expect.any(String) as string,
    })
    expect(machines.store.size).toBe(0)
  })
})

describe('a fetch through a bad network', () => {
  beforeEach(async () => {
    await machines.push(targets)
  })

  it.each(Array.from({ length: 10 }, (_, seed) => seed))(
    'brings everything through refusals and bodies that break off (seed %i)',
    async (seed) => {
      const faulty = faultyStore(machines.store, seed, { refuse: 0.3, cut: 0.2 })
      expect((await machines.fetch(targets, machines.patient(faulty))).missing).toEqual([])
      expect(verifyCache(machines.there)).toBeGreaterThan(20)
    },
  )

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'lets nothing in that came damaged, and goes on where it was (seed %i)',
    async (seed) => {
      const faulty = faultyStore(machines.store, seed, { flip: 0.25, truncate: 0.15 })
      const first = await machines.fetch(targets, machines.patient(faulty)).catch((error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/REMOTE_DAMAGED|CORRUPT|UNSUPPORTED/) as string })
        return undefined
      })
      verifyCache(machines.there)
      const again = await machines.fetch(targets)
      expect(again.missing).toEqual([])
      if (first?.missing.length === 0) expect(again).toMatchObject({ new: 0, transferred: 0 })
      verifyCache(machines.there)
    },
  )

  it('reads again what came damaged once, each kind of object', async () => {
    const seen = new Set<string>()
    const store = over(machines.store, {
      async *get(key, options) {
        const place = `${key} ${options?.range?.start ?? 0}`
        for await (const piece of machines.store.get(key, options)) {
          const bytes = Uint8Array.from(piece)
          if (!seen.has(place)) bytes[bytes.length >> 1]! ^= 16
          seen.add(place)
          yield bytes
        }
      },
    })
    expect((await machines.fetch(targets, store)).missing).toEqual([])
    expect([...seen].map((place) => place.split('/')[0])).toEqual(expect.arrayContaining(['recipes', 'packs']))
    verifyCache(machines.there)
  })

  it('fails by name where the server refuses everything', async () => {
    const faulty = faultyStore(machines.store, 1, { refuse: 1 })
    await expect(machines.fetch(targets, machines.patient(faulty))).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
    })
  })

  it('needs no right to write: nothing is ever put or deleted', async () => {
    const refuse = async (): Promise<never> => {
      throw new ArtError('REMOTE_READ_ONLY', 'read-only credentials')
    }
    const readOnly = over(machines.store, { put: refuse, delete: refuse })
    expect((await machines.fetch(targets, readOnly)).missing).toEqual([])
    const gone = { kind: 'f' as const, oid: 'ee'.repeat(32), size: 5, path: 'gone' }
    expect((await machines.fetch([gone], readOnly)).missing).toHaveLength(1)
  })
})
