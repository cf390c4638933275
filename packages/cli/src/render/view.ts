import type { Paint } from './color.ts'

/** How a result is to be shown. */
export interface View {
  /** Width of the terminal; undefined in a pipe, where nothing is cut. */
  readonly columns: number | undefined
  readonly paint: Paint
  readonly verbose: boolean
}
