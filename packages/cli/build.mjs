// Builds packages/cli/dist: art.js, the commands, what they share, the worker. Needs the root's devDependencies only, from npm alone.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const dist = join(here, 'dist')
const worker = join(root, 'packages/core/src/worker/main.ts')
// Each is one file that loads no other before it knows what to do: a file more costs a millisecond of start-up.
const hot = { art: join(here, 'src/main.ts'), status: join(here, 'src/command/status.ts') }

// What a hot file loads later in its code, and nearly always: one file is faster than many.
const alwaysUsed = /core\/src\/(worker\/jobs|scan\/session|scan\/slice)\.ts$|\/ignore\/index\.js$/

const esbuild = await import('esbuild').catch(() => undefined)
if (esbuild === undefined) {
  // Installed from a tarball: it comes built, and without what builds it.
  if (existsSync(join(dist, 'art.js'))) process.exit(0)
  console.error('art: esbuild is missing: run `npm install` with devDependencies')
  process.exit(1)
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outdir: dist,
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  define: { ART_VERSION: JSON.stringify(version) },
  tsconfig: join(root, 'tsconfig.json'),
  // Its ESM form: whole as the CommonJS one, and what `import()` of it gives is the same in a bundle and out of one.
  alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
}

// Bundled CommonJS asks for Node's modules with `require`.
const requireBanner = "import{createRequire as artCreateRequire}from'node:module';const require=artCreateRequire(import.meta.url);"

/** Loaded later by others, but by a hot file nearly always: part of it. */
const inlined = /core\/src\/(worker\/jobs|scan\/session|scan\/slice)\.ts$|\/ignore\/index\.js$/

const lazy = new Map()
const entryName = (path) => Object.keys(hot).find((name) => hot[name] === path) ?? nameOf(path)

/** What a hot file loads later stays a file of its own; of CommonJS, such a file exports a default only. */
const lazyImports = {
  name: 'lazy-imports',
  setup(build) {
    build.onResolve({ filter: /.*/ }, async (args) => {
      if (args.kind !== 'dynamic-import' || args.pluginData === 'resolved') return undefined
      const options = { kind: args.kind, resolveDir: args.resolveDir, importer: args.importer, pluginData: 'resolved' }
      const { path, errors, external } = await build.resolve(args.path, options)
      if (errors.length > 0) return { errors }
      if (external) return { path, external }
      if (inlined.test(path.replaceAll('\\', '/'))) return { path }
      if (alwaysUsed.test(path)) return { path, namespace: 'file' }
      const name = entryName(path)
      if (!(name in hot)) lazy.set(name, path)
      return { path: `./${name}.js`, external: true }
    })
  },
}

/**
 * `import` of a Node module makes Node load all that the module offers, such as streams for `node:fs`: 3 ms. Hot files take the functions
 * they use from `process.getBuiltinModule`; modules that only some runs need are loaded by the first call.
 */
const lightBuiltins = {
  name: 'light-builtins',
  setup(build) {
    const byFirstCall = new Set(['node:crypto', 'node:child_process', 'node:os', 'node:zlib'])
    build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      const name = path.startsWith('node:') ? path : `node:${path}`
      return kind === 'import-statement' && isBuiltin(name) ? { path: name, namespace: 'builtin' } : undefined
    })
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => {
      const names = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(path)))
        .filter(([name, { value }]) => value !== undefined && name !== 'default')
        .map(([name, { value }]) => [name, typeof value === 'function' && byFirstCall.has(path)])
      const lines = names.map(([name, later]) =>
        later
          ? `export const ${name} = (...all) => load().${name}(...all)`
          : `export const ${name} = /* @__PURE__ */ ((key) => load()[key])('${name}')`,
      )
      return { contents: [`const load = () => process.getBuiltinModule('${path}')`, ...lines, 'export default /* @__PURE__ */ load()'].join('\n') }
    })
  },
}

function nameOf(path) {
  const [, folder, rest] = /packages\/(\w+)\/src\/(.*)\.ts$/.exec(path.replaceAll('\\', '/')) ?? []
  if (folder === 'cli' && rest.startsWith('command/')) return rest.slice('command/'.length)
  return folder === undefined ? path.split('node_modules/').at(-1).split('/')[0] : `${folder}-${rest.replaceAll('/', '-')}`
}

const metafiles = []
const files = new Map()
/** Keeps the results: a build that fails leaves the last good one in place. */
async function build(options) {
  const { metafile, outputFiles } = await esbuild.build({ ...common, ...options, write: false })
  metafiles.push(metafile)
  for (const { path, contents } of outputFiles) files.set(basename(path), contents)
}

// Short names are read faster; the maps are for `node --enable-source-maps`.
await build({ entryPoints: hot, plugins: [lightBuiltins, lazyImports], minifyIdentifiers: true, sourcemap: 'linked', sourcesContent: false })
const entries = { ...Object.fromEntries(lazy), ...(existsSync(worker) && { worker }) }
await build({ entryPoints: entries, splitting: true, chunkNames: 'shared-[hash]', banner: { js: requireBanner } })

files.set('art.js', `#!/usr/bin/env node\n${Buffer.from(files.get('art.js')).toString('utf8')}`)
files.set('THIRD-PARTY-LICENSES.txt', licences())
mkdirSync(dist, { recursive: true })
for (const [name, contents] of files) writeFileSync(join(dist, name), contents)
chmodSync(join(dist, 'art.js'), 0o755)
for (const name of readdirSync(dist)) if (!files.has(name)) rmSync(join(dist, name), { recursive: true })

/** Every bundled package with the text of its licence. */
function licences() {
  const folders = new Set()
  for (const input of metafiles.flatMap(({ inputs }) => Object.keys(inputs))) {
    const match = /^(.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(resolve(input))
    if (match !== null) folders.add(match[0])
  }
  const texts = new Map()
  for (const folder of folders) {
    const { name, version: installed, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
    texts.set(`${name} ${installed}`, `${name} ${installed} (${typeof license === 'string' ? license : 'see below'})\n\n${text}`)
  }
  const line = `\n\n${'-'.repeat(80)}\n\n`
  return `art contains these packages.${line}${[...texts.keys()].sort().map((key) => texts.get(key)).join(line)}\n`
}
