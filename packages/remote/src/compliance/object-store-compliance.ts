import { afterAll, beforeAll, describe } from 'vitest'
import type { ObjectStore } from '../object-store.ts'
import { testInterruption } from './interruption.ts'
import { testKeys } from './keys.ts'
import type { Made, Supports } from './material.ts'
import { testReading } from './reading.ts'
import { testWriting } from './writing.ts'

/** What every `ObjectStore` does. `makeStore` is called once, for an empty store. */
export function objectStoreCompliance(
  name: string,
  makeStore: () => Promise<{ store: ObjectStore; cleanup: () => Promise<void> }>,
  supports: Supports = {},
): void {
  describe(`${name} is an ObjectStore`, () => {
    const at = {} as Made
    let cleanup: (() => Promise<void>) | undefined

    beforeAll(async () => {
      const made = await makeStore()
      at.store = made.store
      cleanup = made.cleanup
    })
    afterAll(async () => {
      await at.store?.close?.()
      await cleanup?.()
    })

    testWriting(at, supports)
    testKeys(at, supports)
    testReading(at)
    testInterruption(at)
  })
}
