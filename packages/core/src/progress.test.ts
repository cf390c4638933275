import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ArtEvent } from './event.ts'
import { Progress } from './progress.ts'

/** What a listener would show. */
function listen() {
  const seen = { files: 0, bytes: 0, totalFiles: 0, totalBytes: 0, events: 0 }
  const onEvent = (event: ArtEvent): void => {
    if (event.type !== 'phase' && event.type !== 'progress') return
    seen.events++
    const { files = 0, bytes = 0 } = event
    if (event.type === 'phase') {
      seen.totalFiles += files
      seen.totalBytes += bytes
    } else {
      seen.files += files
      seen.bytes += bytes
    }
  }
  return { seen, onEvent }
}

it('totals are reached, whatever turned out to need nothing or did not come', () => {
  const amounts = fc.record({ files: fc.nat(50), bytes: fc.nat(5e7) })
  const steps = fc.array(fc.record({ kind: fc.constantFrom('done', 'skip', 'heard'), part: fc.nat(100) }))
  fc.assert(
    fc.property(fc.array(amounts), steps, (expected, taken) => {
      const { seen, onEvent } = listen()
      const progress = new Progress('upload', { onEvent })
      for (const { files, bytes } of expected) progress.expect(files, bytes)
      for (const { kind, part } of taken) {
        const files = Math.floor((expected.length * part) / 100)
        if (kind === 'done') progress.done(files, part)
        else if (kind === 'skip') progress.skip(files, part)
        else progress.onEvent({ type: 'progress', phase: 'upload', files, bytes: part })
      }
      progress.remains()
      expect([seen.totalFiles, seen.totalBytes]).toEqual([seen.files, seen.bytes])
      expect(progress.bytes).toBe(seen.bytes)
    }),
  )
})

it('what is skipped counts as done, and what does not come is taken back', () => {
  const { seen, onEvent } = listen()
  const progress = new Progress('upload', { onEvent })
  progress.remains(4, 400)
  progress.skip(1, 100)
  progress.done(1, 100)
  expect(seen).toMatchObject({ files: 2, bytes: 200, totalFiles: 4, totalBytes: 400 })
  progress.skipTo(1, 100)
  progress.remains()
  expect(seen).toMatchObject({ files: 3, bytes: 300, totalFiles: 3, totalBytes: 300 })
})

it('very many contents make few events, and other phases pass through', () => {
  const { seen, onEvent } = listen()
  const progress = new Progress('upload', { onEvent })
  progress.remains(100_000, 0)
  for (let i = 0; i < 100_000; i++) progress.skip(1, 0)
  progress.remains()
  expect(seen.events).toBeLessThan(200)
  progress.onEvent({ type: 'progress', phase: 'check', files: 1 })
  expect(seen).toMatchObject({ files: 100_001, totalFiles: 100_000 })
})
