import { expect, it } from 'vitest'
import { followed } from './follow.ts'

it('lets a reader go on where another has been, and everywhere once that has ended', async () => {
  const copy = followed()
  const been: number[] = []
  const readers = [100, 0, 50, 1000].map((offset) => copy.reached(offset).then(() => been.push(offset)))
  await readers[1]
  expect(been).toEqual([0])
  copy.advance(60)
  await readers[2]
  copy.advance(40)
  await readers[0]
  expect(been).toEqual([0, 50, 100])
  copy.end()
  await Promise.all(readers)
  await copy.reached(5000)
})
