import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../model-file.ts'
import { bytesSource } from '../../source/bytes.ts'
import { refuseExpansion } from './expansion.ts'

function tensorOf(length: number): Tensor {
  const storage = { source: bytesSource('x', new Uint8Array(0)), offset: 0, length, bigEndian: false }
  return { name: 'w', dtype: 'float32', shape: [length / 4], elements: length / 4, bytes: length, storage, offset: 0 }
}

describe('what a small file stands for', () => {
  it.each([
    ['4 GB that are there', 4e9, 4e9],
    ['a little that is compressed well', 400e6, 1e6],
    ['weights that are compressed as far as weights can be', 20e9, 400e6],
  ])('may be %s', (_, length, fileBytes) => {
    expect(() => refuseExpansion([tensorOf(length)], fileBytes)).not.toThrow()
  })

  it('may not be gigabytes of zeros', () => {
    expect(() => refuseExpansion([tensorOf(4e9)], 3.9e6)).toThrow('its records inflate 3900000 bytes to 4000000000')
  })
})
