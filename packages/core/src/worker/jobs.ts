import { storeLargeFile } from '../cache/large.ts'
import type { CacheLayout } from '../cache/layout.ts'
import { beginCheckout, checkoutSlice, endCheckout } from '../checkout/slice.ts'
import { beginPacking, endPacking, packGroup } from '../packing/group.ts'
import { beginScan, endScan } from '../scan/session.ts'
import { scanSlice } from '../scan/slice.ts'
import { beginUnpacking, endUnpacking, unpackRange } from '../unpacking/range.ts'
import { copySeeds } from '../unpacking/seeds.ts'

/** Everything that a worker thread can be asked to do. Inputs and outputs survive structured cloning. */
export const jobs = {
  beginScan,
  scanSlice,
  endScan,
  storeLarge: (input: { layout: CacheLayout; path: string; follow: boolean }) =>
    storeLargeFile(input.layout, input.path, input.follow),
  beginCheckout,
  checkoutSlice,
  endCheckout,
  beginPacking,
  packGroup,
  endPacking,
  beginUnpacking,
  unpackRange,
  copySeeds,
  endUnpacking,
}

export type JobName = keyof typeof jobs
export type JobInput<K extends JobName> = Parameters<(typeof jobs)[K]>[0]
export type JobOutput<K extends JobName> = Awaited<ReturnType<(typeof jobs)[K]>>
