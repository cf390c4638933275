import { closeSync, constants, openSync, readSync } from 'node:fs'
import { fromSystemError } from '@art/core'
import { changedWhileRead } from '@art/core/fs/refusal.ts'
import { type Range, runNow } from '../view/read.ts'
import { type Measured, measure, type Task } from './task.ts'

/** Tasks on storages of files that this machine has. */
export interface MeasureInput {
  readonly tasks: readonly PlacedTask[]
}

export interface PlacedTask extends Task {
  readonly path: string
  /** Where the storage starts in the file. */
  readonly origin: number
}

/** A FIFO without a writer must not make us wait. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Done in one go and with synchronous calls: it is for a worker thread. Memory stays at two buffers, of up to 16 MiB where views are strided. */
export function measureTensors({ tasks }: MeasureInput): Measured[] {
  const files = new Map<string, number>()
  const scratch = { bytes: new Uint8Array(0) }
  let buffer = Buffer.alloc(0)
  const read = (fd: number, path: string, { offset, length }: Range): Uint8Array => {
    if (buffer.length < length) buffer = Buffer.allocUnsafeSlow(Math.max(length, BUFFER))
    let done = 0
    while (done < length) {
      const got = readSync(fd, buffer, done, length - done, offset + done)
      if (got === 0) throw changedWhileRead(path)
      done += got
    }
    return buffer.subarray(0, length)
  }
  try {
    return tasks.map((task) => {
      const { path, origin } = task
      try {
        const fd = files.get(path) ?? openSync(path, FLAGS)
        files.set(path, fd)
        return runNow(measure(task, scratch), ({ offset, length }) =>
          read(fd, path, { offset: origin + offset, length }),
        )
      } catch (error) {
        throw fromSystemError(error, path)
      }
    })
  } finally {
    for (const fd of files.values()) closeSync(fd)
  }
}

const BUFFER = 256 << 10
