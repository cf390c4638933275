import type { CacheLayout } from '../cache/layout.ts'

type Work = (input: never) => unknown

interface StoreLargeInput {
  layout: CacheLayout
  path: string
  follow: boolean
  seed: bigint
}

/** A job is loaded when it is first asked for: a status should not load what only a push needs. */
function later<M, K extends keyof M>(load: () => Promise<M>, name: K) {
  type Job = M[K] extends Work ? M[K] : never
  return async (input: Parameters<Job>[0]): Promise<Awaited<ReturnType<Job>>> => {
    const work = (await load())[name] as unknown as (input: Parameters<Job>[0]) => Promise<Awaited<ReturnType<Job>>>
    return await work(input)
  }
}

const session = () => import('../scan/session.ts')
const checkout = () => import('../checkout/slice.ts')
const packing = () => import('../packing/group.ts')
const unpacking = () => import('../unpacking/range.ts')

/** Everything that a worker thread can be asked to do. Inputs and outputs survive structured cloning. */
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
  copySeeds: later(() => import('../unpacking/seeds.ts'), 'copySeeds'),
  endUnpacking: later(unpacking, 'endUnpacking'),
}

export type JobName = keyof typeof jobs
export type JobInput<K extends JobName> = Parameters<(typeof jobs)[K]>[0]
export type JobOutput<K extends JobName> = Awaited<ReturnType<(typeof jobs)[K]>>
