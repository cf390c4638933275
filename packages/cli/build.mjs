// Builds packages/cli/dist: art.js, the commands, what they share, the worker. Needs the root's devDependencies only, from npm alone.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const dist = join(here, 'dist')
const main = join(here, 'src/main.ts')
const worker = join(root, 'packages/repo/src/worker/main.ts')

// A file more costs a millisecond of start-up. So each command is one file with all that it mostly needs, though commands then share
// code that stands in many files. What only some runs need stays apart: commands and help from `art.js`, S3, what reads model files,
// libraries.
const apart =
  /\/cli\/src\/|\/backend\/s3\/|\/checkpoint\/src\/|\/repo\/src\/(model|verb)\/|\/node_modules\/(?!(.*\/)?ignore\/)/
// The command that shells run at every prompt should be small too: it looks, and neither packs nor asks remotes but with flags.
const apartFromStatus = new RegExp(
  `${apart.source}|\\/exchange\\/cloud|\\/transfer\\/upload|\\/core\\/src\\/(packing|unpacking|checkout|cache)\\/`,
)

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
const requireBanner =
  "import{createRequire as artCreateRequire}from'node:module';const require=artCreateRequire(import.meta.url);"

/** Found on the way: commands, and what is loaded later. Output name → source. */
const commands = new Map()
const later = new Map()

/** Makes files of their own of what is loaded later and kept apart; of CommonJS, such a file exports a default only. */
const lazyImports = (kept) => ({
  name: 'lazy-imports',
  setup({ onResolve, resolve: find }) {
    onResolve({ filter: /.*/ }, async ({ kind, path: typed, resolveDir, importer, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'resolved') return undefined
      const { path, errors, external } = await find(typed, { kind, resolveDir, importer, pluginData: 'resolved' })
      if (errors.length > 0) return { errors }
      if (external || !kept.test(path.replaceAll('\\', '/'))) return { path, external }
      const name = nameOf(path)
      const found = path.startsWith(join(here, 'src/command/')) ? commands : later
      found.set(name, path)
      return { path: `./${name}.js`, external: true }
    })
  },
})

/** Help and completion find the commands where `art.js` does. */
const lazyCommands = {
  name: 'lazy-commands',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ kind, path, importer }) => {
      if (kind !== 'dynamic-import' || dirname(importer) !== join(here, 'src/command')) return undefined
      return { path: path.replace(/\.ts$/, '.js'), external: true }
    })
  },
}

/**
 * `import` of a Node module makes Node load all that the module offers, such as streams for `node:fs`: 3 ms. These files take the functions
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
      const lines = names.map(([name, wrapped]) =>
        wrapped
          ? `export const ${name} = (...all) => load().${name}(...all)`
          : `export const ${name} = /* @__PURE__ */ ((key) => load()[key])('${name}')`,
      )
      return {
        contents: [
          `const load = () => process.getBuiltinModule('${path}')`,
          ...lines,
          'export default /* @__PURE__ */ load()',
        ].join('\n'),
      }
    })
  },
}

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
await bundle(alone({ art: main }, apart))
const { status, ...others } = Object.fromEntries(commands)
await bundle(alone({ status }, apartFromStatus))
await bundle(alone({ ...others, worker }, apart))
for (const [name, contents] of files) {
  const text = Buffer.from(contents).toString('utf8')
  if (text.includes('Dynamic require of')) files.set(name, requireBanner + text)
}
await bundle({
  entryPoints: Object.fromEntries(later),
  plugins: [lazyCommands],
  splitting: true,
  chunkNames: 'shared-[hash]',
  banner: { js: requireBanner },
})

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
    texts.set(
      `${name} ${installed}`,
      `${name} ${installed} (${typeof license === 'string' ? license : 'see below'})\n\n${text}`,
    )
  }
  const line = `\n\n${'-'.repeat(80)}\n\n`
  return `art contains these packages.${line}${[...texts.keys()]
    .sort((a, b) => a.localeCompare(b, 'en'))
    .map((key) => texts.get(key))
    .join(line)}\n`
}
