import type { CacheLayout } from '../cache/layout.ts'
import { later } from './later.ts'

interface StoreLargeInput {
  layout: CacheLayout
  path: string
  follow: boolean
  seed: bigint
}

const session = () => import('../scan/session.ts')
const checkout = () => import('../checkout/slice.ts')
const packing = () => import('../packing/group.ts')
const unpacking = () => import('../unpacking/range.ts')

/** What core asks of a pool. A pool may be able to do more: see `createPool`. */
export const jobs = {
  beginScan: later(session, 'beginScan'),
  scanSlice: later(() => import('../scan/slice.ts'), 'scanSlice'),
  endScan: later(session, 'endScan'),
  storeLarge: async ({ layout, path, follow, seed }: StoreLargeInput) =>
    (await import('../cache/large.ts')).storeLargeFile(layout, path, follow, { seed }),
  beginCheckout: later(checkout, 'beginCheckout'),
  checkoutSlice: later(checkout, 'checkoutSlice'),
  endCheckout: later(checkout, 'endCheckout'),
  beginPacking: later(packing, 'beginPacking'),
  packGroup: later(packing, 'packGroup'),
  endPacking: later(packing, 'endPacking'),
  beginUnpacking: later(unpacking, 'beginUnpacking'),
  unpackRange: later(unpacking, 'unpackRange'),
  decodeStretch: later(() => import('../unpacking/decode.ts'), 'decodeStretch'),
  hashGrown: later(unpacking, 'hashGrown'),
  copySeeds: later(() => import('../unpacking/seeds.ts'), 'copySeeds'),
  endUnpacking: later(unpacking, 'endUnpacking'),
}

export type CoreJobs = typeof jobs
