import { fstatSync, writeSync } from 'node:fs'

const STDOUT = 1
const STDERR = 2
/** Characters that are written at a time. */
const WRITTEN = 64 << 10

/** The only place that writes to the terminal. A closed pipe (`art status | head -1`) is quiet. */
export async function writeOut(text: string): Promise<void> {
  await write(STDOUT, text)
}

/** A document that may be large, in few writes, with a line break behind it. */
export async function writePieces(pieces: Iterable<string>): Promise<void> {
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < WRITTEN) continue
    await writeOut(text)
    text = ''
  }
  await writeOut(`${text}\n`)
}

export async function writeError(text: string): Promise<void> {
  await write(STDERR, text)
}

/** For progress: best effort, never waits. */
export function writeErrorNow(text: string): void {
  try {
    writeSync(STDERR, text)
  } catch {
    // A slow or closed terminal loses a line of progress, nothing else.
  }
}

/** Loading Node's stream for a pipe costs as much as a small command; only a character device is asked for more. */
export function terminalColumns(stream: 'stdout' | 'stderr'): number | undefined {
  if (!isCharacterDevice(stream === 'stdout' ? STDOUT : STDERR)) return undefined
  const device = process[stream]
  return device.isTTY ? device.columns || 80 : undefined
}

async function write(fd: number, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
      return await writeSlowly(fd, bytes.subarray(done))
    }
  }
}

/** A pipe that its other end made non-blocking is full: Node's stream knows how to wait for it. */
function writeSlowly(fd: number, bytes: Buffer): Promise<void> {
  const stream = fd === STDOUT ? process.stdout : process.stderr
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => (error.code === 'EPIPE' ? resolve() : reject(error))
    stream.once('error', onError)
    stream.write(bytes, () => {
      stream.off('error', onError)
      resolve()
    })
  })
}

function isCharacterDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice()
  } catch {
    return false
  }
}
