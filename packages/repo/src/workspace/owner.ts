import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { readPlainFile } from '@art/core/fs/plain-file.ts'

/** Notes in a file which process something is of. */
export function noteOwner(file: string): void {
  writeFileSync(file, `${process.pid} ${hostname()}`)
}

/** Is something of a process of this machine that is no more? Of another machine's nothing is known, and so of what no file tells. */
export function isOwnerGone(file: string): boolean {
  try {
    const [pid, host] = readPlainFile(file, { max: 4096 }).toString('utf8').split(' ')
    return host === hostname() && !isRunning(Number(pid))
  } catch {
    return false
  }
}

/** Is there a process of this number on this machine? */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
