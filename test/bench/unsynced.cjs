// Loaded by --require into an `art` whose steps are timed without fsync, to see what it costs; worker threads load it too.
const fs = require('node:fs')
for (const name of ['fsync', 'fdatasync']) {
  fs[name] = (_, done) => process.nextTick(done, null)
  fs[`${name}Sync`] = () => undefined
}
