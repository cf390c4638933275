// Loaded into a measured `art` by --require: counts the bytes that any of its threads reads of one file, and adds a line to another.
const { ART_BENCH_READS: out, ART_BENCH_READS_OF: path } = process.env
if (out && path) {
  const fs = require('node:fs')
  const target = fs.statSync(path)
  let bytes = 0
  const note = (fd, count) => {
    const { ino, dev } = fs.fstatSync(fd)
    if (ino === target.ino && dev === target.dev) bytes += count
    return count
  }
  const { readSync, read, promises } = fs
  fs.readSync = (fd, ...rest) => note(fd, readSync(fd, ...rest))
  fs.read = (fd, ...rest) => {
    const done = rest.pop()
    return read(fd, ...rest, (error, count, buffer) => {
      if (!error) note(fd, count)
      done(error, count, buffer)
    })
  }
  promises.open(path).then(async (handle) => {
    const prototype = Object.getPrototypeOf(handle)
    await handle.close()
    const { read: readHandle } = prototype
    prototype.read = async function (...args) {
      const result = await readHandle.apply(this, args)
      note(this.fd, result.bytesRead)
      return result
    }
  })
  process.on('exit', () => fs.appendFileSync(out, `${bytes}\n`))
}
