// Builds packages/cli/dist: art.js, the commands, what they share, the worker. Needs the root's devDependencies only, from npm alone.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileAhead } from './build/compile-ahead.mjs'
import { licences } from './build/licences.mjs'
import { lightBuiltins } from './build/light-builtins.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const dist = join(here, 'dist')
const main = join(here, 'src/main.ts')
const run = join(here, 'src/run.ts')
const worker = join(root, 'packages/repo/src/worker/main.ts')

// A file more costs a millisecond of start-up. So each command is one file with all that it mostly needs, though commands then share
// code that stands in many files. What only some runs need stays apart: commands and help from `art.js`, S3, what reads model files,
// libraries.
const apart = /\/cli\/src\/|\/repo\/src\/(model|verb)\/|\/backend\/s3\/|\/checkpoint\/src\/|\/node_modules\//
// The command that shells run at every prompt should be small too: it looks, and neither packs nor asks remotes but with flags.
const apartFromStatus = new RegExp(
  `${apart.source}|\\/exchange\\/cloud|\\/transfer\\/upload|\\/core\\/src\\/(packing|unpacking|checkout|cache)\\/`,
)

// Commands that read models: PyTorch's most of all, by code that they have three times otherwise, each of which V8 meets cold.
const apartFromPyTorch = new RegExp(
  apart.source.replace(
    '\\/checkpoint\\/src\\/',
    '\\/checkpoint\\/src\\/(?!zip\\/zip\\.ts|format\\/pytorch\\/read\\.ts)',
  ),
)

// What needs one part of the AWS SDK has most of it already.
const apartFromLater = new RegExp(apart.source.replace(/$/, '(?!(.*\\/)?@aws-sdk\\/)'))
// Imported like anything else, since who calls it cannot wait, and loaded by its first call.
const byFirstCall = new Set(['ignore'])

const esbuild = (await loadEsbuild()) ?? (await installEsbuild())

async function loadEsbuild() {
  return await import('esbuild').catch(() => undefined)
}

async function installEsbuild() {
  // Installed from a tarball: it comes built, and without what builds it.
  if (existsSync(join(dist, 'art.js'))) process.exit(0)
  // `npm install --global <git URL>` prepares a clone under its own settings, so that nothing is installed into the clone.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_(global|location|prefix)$/i.test(name)),
  )
  const args = [
    'install',
    '--include=dev',
    '--ignore-scripts',
    '--no-save',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
  ]
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
  const { status } = spawnSync(npm[0], [...npm.slice(1), ...args], { cwd: root, env, stdio: ['ignore', 2, 2] })
  const found = status === 0 ? await loadEsbuild() : undefined
  if (found !== undefined) return found
  console.error('art: esbuild is missing: run `npm install` with devDependencies')
  process.exit(1)
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const common = {
  bundle: true,
  define: { ART_VERSION: JSON.stringify(version), 'import.meta': 'artImportMeta' },
  inject: [join(here, 'build/own-url.mjs')],
  platform: 'node',
  format: 'cjs',
  // What the user's Python runs is carried as text.
  loader: { '.py': 'text' },
  target: 'node20',
  outdir: dist,
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  tsconfig: join(root, 'tsconfig.json'),
  // Its ESM form: whole as the CommonJS one, and what `import()` of it gives is the same in a bundle and out of one.
  alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
}

/** Found on the way: commands, and what is loaded later. Output name → source. */
const commands = new Map()
const later = new Map()

/**
 * Makes files of their own of what is loaded later and kept apart, all asked for with `require`, which main.ts answers: the first
 * `import()` of a process starts a loader that takes 4 ms, and code that was compiled ahead cannot call it.
 */
const lazyImports = (kept) => ({
  name: 'lazy-imports',
  setup({ onLoad, onResolve, resolve: find }) {
    onResolve({ filter: /.*/ }, async ({ kind, path: typed, resolveDir, importer, pluginData, namespace }) => {
      if (namespace === 'required' || namespace === 'by-first-call') return { path: typed, external: true }
      if (pluginData === 'resolved') return undefined
      if (byFirstCall.has(typed) && kind === 'import-statement') {
        later.set(typed, (await find(typed, { kind, resolveDir, importer, pluginData: 'resolved' })).path)
        return { path: typed, namespace: 'by-first-call' }
      }
      if (kind !== 'dynamic-import') return undefined
      if (isBuiltin(typed)) return { path: typed, namespace: 'required' }
      const { path, errors } = await find(typed, { kind, resolveDir, importer, pluginData: 'resolved' })
      const ofLibrary = importer.includes('node_modules')
      // A library may do without; what art's own code needs is there.
      if (errors.length > 0) return ofLibrary ? { path: typed, external: true } : { errors }
      if (ofLibrary || !kept.test(path.replaceAll('\\', '/'))) return { path }
      const name = nameOf(path)
      const found = path.startsWith(join(here, 'src/command/')) ? commands : later
      found.set(name, path)
      return { path: `./${name}.js`, namespace: 'required', pluginData: { isLibrary: path.includes('node_modules') } }
    })
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path, pluginData }) => {
      const file = JSON.stringify(path)
      // esbuild would take all of a CommonJS module for the default export that a library has by that name.
      if (!pluginData?.isLibrary) return { contents: `module.exports = require(${file})` }
      return { contents: `import * as all from ${file}\nexport * from ${file}\nexport default all.default` }
    })
    onLoad({ filter: /.*/, namespace: 'by-first-call' }, ({ path }) => ({
      contents: `export default (...all) => require('./${path}.js').default(...all)`,
    }))
  },
})

function nameOf(path) {
  const [, folder, rest] = /packages\/(\w+)\/src\/(.*)\.ts$/.exec(path.replaceAll('\\', '/')) ?? []
  if (folder === 'cli' && rest.startsWith('command/')) return rest.slice('command/'.length)
  return folder === undefined
    ? path.split('node_modules/').at(-1).split('/')[0]
    : `${folder}-${rest.replaceAll('/', '-')}`
}

const metafiles = []
const files = new Map()
/** Keeps the results: a build that fails leaves the last good one in place. */
async function bundle(options) {
  const { metafile, outputFiles } = await esbuild.build({ ...common, ...options, write: false })
  metafiles.push(metafile)
  for (const { path, contents } of outputFiles) files.set(basename(path), contents)
}

// Each by itself. Short names are read faster; the maps are for `node --enable-source-maps`.
const alone = (entryPoints, kept) => ({
  entryPoints,
  plugins: [lightBuiltins, lazyImports(kept)],
  minifyIdentifiers: true,
  sourcemap: 'linked',
  sourcesContent: false,
})
await bundle(alone({ run }, apart))
const { status, show, scan, ...others } = Object.fromEntries(commands)
await bundle(alone({ status }, apartFromStatus))
await bundle(alone({ show, scan }, apartFromPyTorch))
await bundle(alone({ ...others, worker }, apart))
// Commands are found again by help and completion.
for (let size = 0; later.size > size; ) {
  const [...found] = later
  const more = Object.fromEntries(found.slice(size))
  size = later.size
  await bundle({ entryPoints: more, plugins: [lazyImports(apartFromLater)] })
}

const hash = createHash('sha256')
for (const [file, contents] of files) if (file.endsWith('.js')) hash.update(contents)
const build = hash.digest('hex').slice(0, 16)
await bundle({
  entryPoints: { art: main },
  define: { ART_BUILD: JSON.stringify(build) },
  banner: { js: '#!/usr/bin/env node' },
})
files.set('package.json', '{"type":"commonjs"}\n')
files.set('THIRD-PARTY-LICENSES.txt', licences(metafiles.flatMap(({ inputs }) => Object.keys(inputs))))
mkdirSync(dist, { recursive: true })
for (const [file, contents] of files) writeFileSync(join(dist, file), contents)
chmodSync(join(dist, 'art.js'), 0o755)
for (const file of readdirSync(dist)) if (!files.has(file)) rmSync(join(dist, file), { recursive: true })
compileAhead(dist, build)
