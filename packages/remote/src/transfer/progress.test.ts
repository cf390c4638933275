import { randomBytes } from 'node:crypto'
import type { Phase } from '@art/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TwoMachines } from './two-machines.ts'

interface Tally {
  files: number
  bytes: number
  totalFiles: number
  totalBytes: number
}

let machines: TwoMachines
let tallies: Map<Phase, Tally>

beforeEach(async () => {
  machines = await TwoMachines.start()
  tallies = new Map()
  machines.onEvent = (event) => {
    if (event.type !== 'phase' && event.type !== 'progress') return
    const tally = tallies.get(event.phase) ?? { files: 0, bytes: 0, totalFiles: 0, totalBytes: 0 }
    tallies.set(event.phase, tally)
    const { files = 0, bytes = 0 } = event
    if (event.type === 'phase') {
      tally.totalFiles += files
      tally.totalBytes += bytes
    } else {
      tally.files += files
      tally.bytes += bytes
    }
    for (const part of Object.values(tally)) expect(part).toBeGreaterThanOrEqual(0)
  }
})
afterEach(() => machines.close())

/** What a phase told, checked: the totals were reached. */
function told(phase: Phase): { files: number; bytes: number } | undefined {
  const tally = tallies.get(phase)
  tallies.delete(phase)
  if (tally === undefined) return undefined
  const { files, bytes, totalFiles, totalBytes } = tally
  expect([totalFiles, totalBytes], phase).toEqual([files, bytes])
  return { files, bytes }
}

describe('progress adds up to what it announced', () => {
  it('when everything travels, and when nothing has to', async () => {
    const dataset = { ...(await machines.addDataset()), files: 23 }
    const file = await machines.addFile('model.bin', randomBytes(3_000_000))
    const { new: sent } = await machines.push([dataset, file])
    expect(told('check')).toEqual({ files: 2, bytes: 0 })
    expect(told('upload')).toEqual({ files: 24, bytes: sent })
    await machines.push([dataset, file])
    expect(told('check')).toEqual({ files: 2, bytes: 0 })
    expect(told('upload')).toBeUndefined()
    // The empty file needs nothing to travel.
    const { new: received } = await machines.fetch([dataset, file])
    expect(told('check')).toEqual({ files: 2, bytes: 0 })
    expect(told('download')).toEqual({ files: 23, bytes: received })
    await machines.fetch([dataset, file])
    expect([told('check'), told('download')]).toEqual([undefined, undefined])
  })

  it('when most of a second version is known, of a file and of a directory', async () => {
    const weights = randomBytes(6_000_000)
    const first = await machines.addFile('model.bin', weights)
    const members = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`sub/${i}`, randomBytes(2000)]))
    const folder = await machines.addDirectory('data', members)
    await machines.push([first, { ...folder, files: 40 }])
    await machines.fetch([first, { ...folder, files: 40 }])
    tallies.clear()
    weights.fill(7, 1_000_000, 1_010_000)
    const second = await machines.addFile('model.bin', weights)
    const changed = await machines.addDirectory('data', { 'sub/3': randomBytes(3000), 'sub/copy': members['sub/4']! })
    const targets = [second, { ...changed, files: 41 }]
    const { new: sent } = await machines.push(targets)
    expect(sent).toBeLessThan(1_000_000)
    const { files, bytes } = told('upload')!
    expect(files).toBe(42)
    expect(bytes).toBeGreaterThanOrEqual(second.size + changed.size)
    const { new: received } = await machines.fetch(targets, machines.store, machines.there, {
      relatives: async () => [first],
    })
    expect(received).toBeLessThan(1_000_000)
    expect(told('download')).toEqual({ files: 2, bytes: received })
  })

  it('when what the remote holds is damaged', async () => {
    const file = await machines.addFile('a.bin', randomBytes(100_000))
    await machines.push([file])
    const [pack] = machines.keys('packs/')
    await machines.damage(pack!, (bytes) => bytes.fill(0, 0, 1000))
    tallies.clear()
    const { missing } = await machines.fetch([file])
    expect(missing).toHaveLength(1)
    told('check')
    told('download')
  })
})
