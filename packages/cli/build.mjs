// Builds packages/cli/dist: art.js, the commands, what they share, the worker. Needs the root's devDependencies only, from npm alone.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const dist = join(here, 'dist')
const worker = join(root, 'packages/core/src/worker/main.ts')
// Each is one file that loads no other before it knows what to do: a file more costs a millisecond of start-up.
const hot = { art: join(here, 'src/main.ts'), status: join(here, 'src/command/status.ts') }

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
}

// Bundled CommonJS asks for Node's modules with `require`.
const requireBanner = "import{createRequire as artCreateRequire}from'node:module';const require=artCreateRequire(import.meta.url);"

const lazy = new Map()
const entryName = (path) => Object.keys(hot).find((name) => hot[name] === path) ?? nameOf(path)

/** What a hot file loads later stays a file of its own. */
const lazyImports = {
  name: 'lazy-imports',
  setup(build) {
    build.onResolve({ filter: /.*/ }, async (args) => {
      if (args.kind !== 'dynamic-import' || args.pluginData === 'resolved') return undefined
      const options = { kind: args.kind, resolveDir: args.resolveDir, importer: args.importer, pluginData: 'resolved' }
      const { path, errors, external } = await build.resolve(args.path, options)
      if (errors.length > 0) return { errors }
      if (external) return { path, external }
      const name = entryName(path)
      if (!(name in hot)) lazy.set(name, path)
      return { path: `./${name}.js`, external: true }
    })
  },
}

function nameOf(path) {
  const [, folder, rest] = /packages\/(\w+)\/src\/(.*)\.ts$/.exec(path.replaceAll('\\', '/')) ?? []
  if (folder === 'cli' && rest.startsWith('command/')) return rest.slice('command/'.length)
  return folder === undefined ? basename(path).replace(/\.\w+$/, '') : `${folder}-${rest.replaceAll('/', '-')}`
}

const outputs = []
async function build(options) {
  const { metafile } = await esbuild.build({ ...common, ...options })
  outputs.push(metafile)
}

mkdirSync(dist, { recursive: true })
await build({ entryPoints: hot, plugins: [lazyImports] })
const entries = { ...Object.fromEntries(lazy), ...(existsSync(worker) && { worker }) }
await build({ entryPoints: entries, splitting: true, chunkNames: 'shared-[hash]', banner: { js: requireBanner } })

const art = join(dist, 'art.js')
writeFileSync(art, `#!/usr/bin/env node\n${readFileSync(art, 'utf8')}`)
chmodSync(art, 0o755)
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences())
const made = new Set(['THIRD-PARTY-LICENSES.txt', ...outputs.flatMap((meta) => Object.keys(meta.outputs).map((path) => basename(path)))])
for (const file of readdirSync(dist)) if (!made.has(file)) rmSync(join(dist, file), { recursive: true })

/** Every bundled package with the text of its licence. */
function licences() {
  const folders = new Set()
  for (const input of outputs.flatMap(({ inputs }) => Object.keys(inputs))) {
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
