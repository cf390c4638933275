import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, Script } from 'node:vm'
import { crc32 } from 'node:zlib'

declare const ART_BUILD: string

/** Where the build left what V8 made of its files, for this build and this V8; anywhere else it is not there, and V8 compiles. */
const COMPILED = join(__dirname, 'compiled', `${ART_BUILD}-${process.versions.v8}-${process.arch}`)

/** Behind the compiled code: its length, that of the source, and the crc32 of the one and then the other; u32 each, little-endian. */
const FOOTER_BYTES = 12

/** V8 looks at no more than the length of the source, and runs damaged code. */
function belongsTo(compiled: Buffer, cachedData: Buffer, source: Buffer): boolean {
  const end = cachedData.length
  return (
    compiled.length === end + FOOTER_BYTES &&
    compiled.readUInt32LE(end) === end &&
    compiled.readUInt32LE(end + 4) === source.length &&
    compiled.readUInt32LE(end + 8) === crc32(source, crc32(cachedData))
  )
}

/** `require` for the files of the build. Nothing of what the build had V8 compile is compiled again: a third of the start of `art status`. */
function load(id: string): unknown {
  if (!id.startsWith('./') || process.sourceMapsEnabled) return require(id)
  let compiled: Buffer
  try {
    compiled = readFileSync(join(COMPILED, `${id}.bin`))
  } catch {
    return require(id)
  }
  const filename = join(__dirname, id)
  const written = readFileSync(filename)
  const cachedData = compiled.subarray(0, Math.max(0, compiled.length - FOOTER_BYTES))
  if (!belongsTo(compiled, cachedData, written)) return require(id)
  // The build writes ASCII, which is read fastest as what it is.
  const source = `(function(exports,require,module,__filename,__dirname){${written.toString('latin1')}\n})`
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  const script = new Script(source, { filename, cachedData, importModuleDynamically })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, load, module, filename, __dirname)
  return module.exports
}

load('./run.js')
