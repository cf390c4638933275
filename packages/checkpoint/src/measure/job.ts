import { runNow } from '../view/read.ts'
import { withFiles } from './files.ts'
import { type Measured, measure, type Task } from './task.ts'

/** A task on a storage of a file that this machine has. */
export interface PlacedTask extends Task {
  readonly path: string
  /** Where the storage starts in the file. */
  readonly origin: number
}

/** Done in one go and with synchronous calls: it is for a worker thread. Memory stays at two buffers, of up to 16 MiB where views are strided. */
export function measureTensors({ tasks }: { readonly tasks: readonly PlacedTask[] }): Measured[] {
  const scratch = { bytes: new Uint8Array(0) }
  return withFiles((read) =>
    tasks.map((task) =>
      runNow(measure(task, scratch), ({ offset, length }) => read(task.path, task.origin + offset, length)),
    ),
  )
}
