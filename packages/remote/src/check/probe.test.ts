import { expect, test } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import { faultyStore } from '../decorate/fault.ts'
import type { ObjectStore } from '../object-store.ts'
import { probeStore } from './probe.ts'

test('a good store passes every step and is left as it was', async () => {
  const store = new MemoryStore()
  const probe = await probeStore(store)
  expect(probe).toMatchObject({ ok: true, writable: true, conditionalPut: true })
  expect(probe.steps.every(({ ok }) => ok)).toBe(true)
  expect(store.size).toBe(0)
})

test('a store that returns other bytes is found out', async () => {
  const probe = await probeStore(faultyStore(new MemoryStore(), 1, { flip: 1 }))
  expect(probe.ok).toBe(false)
  expect(probe.steps.find(({ name }) => name === 'read')?.detail).toContain('other bytes')
})

test('a store that forgets to list what was written is found out', async () => {
  const store: ObjectStore = new MemoryStore()
  store.list = async function* () {}
  const probe = await probeStore(store)
  expect(probe.steps.filter(({ ok }) => !ok)).toMatchObject([{ name: 'list what was written' }])
})

test('a store that does not answer is one failed step', async () => {
  const probe = await probeStore(faultyStore(new MemoryStore(), 1, { refuse: 1 }))
  expect(probe).toMatchObject({ ok: false, writable: false, steps: [{ name: 'list', ok: false }] })
})
