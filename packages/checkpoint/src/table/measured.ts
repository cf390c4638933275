import { numbersOf } from '../statistics/numbers.ts'
import type { TensorTable } from './table.ts'

/** Does a table hold sha256 and statistics of all tensors that can have them? */
export function isMeasured({ tensors }: TensorTable): boolean {
  return tensors.every(
    ({ storage, sha256, statistics, dtype }) =>
      storage === undefined || (sha256 !== undefined && (statistics !== undefined || numbersOf(dtype) === undefined)),
  )
}
