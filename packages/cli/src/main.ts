import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, Script } from 'node:vm'

declare const ART_BUILD: string

/** Where the build left what V8 made of its files, for this build and this V8; anywhere else it is not there, and V8 compiles. */
const COMPILED = join(__dirname, 'compiled', `${ART_BUILD}-${process.versions.v8}-${process.arch}`)

/** `require` for the files of the build. Nothing of what the build had V8 compile is compiled again: a third of the start of `art status`. */
function load(id: string): unknown {
  if (!id.startsWith('./') || process.sourceMapsEnabled) return require(id)
  let cachedData: Buffer
  try {
    cachedData = readFileSync(join(COMPILED, `${id}.bin`))
  } catch {
    return require(id)
  }
  const filename = join(__dirname, id)
  // The build writes ASCII, which is read fastest as what it is.
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(filename, 'latin1')}\n})`
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  const script = new Script(source, { filename, cachedData, importModuleDynamically })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, load, module, filename, __dirname)
  return module.exports
}

load('./run.js')
