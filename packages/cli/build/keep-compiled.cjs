// node keep-compiled.cjs <dist> <out> <verb…>: runs art as main.ts does, then writes what V8 has compiled by then.
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { constants, Script } = require('node:vm')
const { crc32 } = require('node:zlib')

const [dist, out] = process.argv.splice(2, 2)
const fromDist = createRequire(join(dist, 'art.js'))
const scripts = new Map()

function load(id) {
  if (!id.startsWith('./')) return fromDist(id)
  const filename = join(dist, id)
  const written = readFileSync(filename)
  const source = `(function(exports,require,module,__filename,__dirname){${written.toString('latin1')}\n})`
  const script = new Script(source, { filename, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER })
  scripts.set(id, { script, written })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, load, module, filename, dist)
  return module.exports
}

process.on('exit', () => {
  for (const [id, { script, written }] of scripts) {
    const path = join(out, `${id}.bin`)
    mkdirSync(dirname(path), { recursive: true })
    const compiled = script.createCachedData()
    const footer = Buffer.alloc(12)
    footer.writeUInt32LE(compiled.length, 0)
    footer.writeUInt32LE(written.length, 4)
    footer.writeUInt32LE(crc32(written, crc32(compiled)), 8)
    writeFileSync(`${path}.new`, Buffer.concat([compiled, footer]))
    renameSync(`${path}.new`, path)
  }
})

load('./run.js')
