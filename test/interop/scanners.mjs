// Compares art's verdicts with those of picklescan, modelscan and fickling on test/data/models/scan and test/data/models/torch, and writes
// the tables into docs/scan.md. Nothing is loaded or run by any of them.
//
//   python3 -m venv /opt/scanners
//   /opt/scanners/bin/pip install picklescan==1.0.5 modelscan==0.8.8 fickling==0.1.12 typing_extensions numpy
//   node test/interop/scanners.mjs /opt/scanners/bin/python
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))
const [python] = process.argv.slice(2)
if (python === undefined) {
  console.error('node test/interop/scanners.mjs <python with picklescan, modelscan and fickling>')
  process.exit(2)
}

const MODEL = /\.(?:pth|pt|pt2|bin|pkl|npy|npz|joblib)$/
const filesOf = (folder) =>
  readdirSync(`${root}test/data/models/${folder}`)
    .filter((name) => MODEL.test(name))
    .sort()
    .map((name) => `${folder}/${name}`)
const names = ['scan/safe', 'scan/unknown', 'scan/unsafe', 'torch'].flatMap(filesOf)
const paths = names.map((name) => `${root}test/data/models/${name}`)

const folder = mkdtempSync(join(tmpdir(), 'art-scanners-'))
let verdicts
let lists
try {
  await build({
    entryPoints: [`${root}test/interop/scanners.ts`],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    tsconfig: `${root}tsconfig.json`,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  const art = await import(pathToFileURL(join(folder, 'scanners.mjs')).href)
  verdicts = await art.artVerdicts(paths)
  lists = art.lists()
} finally {
  rmSync(folder, { recursive: true })
}

const { stdout, stderr, status } = spawnSync(python, [`${root}test/interop/scanners.py`], {
  input: `${paths.join('\n')}\n`,
  encoding: 'utf8',
  maxBuffer: 1 << 26,
  // Python writes no bytecode beside the script.
  env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
})
if (status !== 0) {
  console.error(stderr)
  process.exit(1)
}
const others = JSON.parse(stdout)
const tools = ['art', ...Object.keys(others.versions)]
const rows = paths.map((path, i) => ({
  name: names[i],
  told: [verdicts.get(path), ...Object.values(others.files[path])],
}))

const table = (head, lines) =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
const groups = [
  ['`safe/`', 'scan/safe/'],
  ['`unknown/`', 'scan/unknown/'],
  ['`unsafe/`', 'scan/unsafe/'],
  ['`torch/`, honest files', 'torch/'],
]
const WORDS = ['safe', 'unknown', 'unsafe', 'error', 'not scanned']
const counts = groups.map(([title, start]) => {
  const mine = rows.filter(({ name }) => name.startsWith(start))
  const cells = tools.map((_, i) =>
    WORDS.map((word) => [mine.filter(({ told }) => told[i] === word).length, word])
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${count} ${word}`)
      .join(', '),
  )
  return [title, ...cells]
})
const differing = rows.filter(({ name, told }) => name.startsWith('scan/') && new Set(told).size > 1)
const agreed = rows.filter(({ name }) => name.startsWith('scan/')).length - differing.length
const versions = Object.entries(others.versions).map(([name, version]) => `${name} ${version}`)
const text = [
  `${versions.join(', ')}.`,
  '',
  table(['folder', ...tools], counts),
  '',
  `On ${agreed} files of the first three folders all four agree; on these they do not:`,
  '',
  table(
    ['file', ...tools],
    differing.map(({ name, told }) => [`\`${name.replace('scan/', '')}\``, ...told]),
  ),
].join('\n')

/** Words in lines of up to 140 characters. */
const wrapped = (words) =>
  words
    .flatMap((word) => word.split(' '))
    .reduce((lines, word) => {
      const last = lines.at(-1)
      if (last === undefined || last.length + word.length > 139) lines.push(word)
      else lines[lines.length - 1] = `${last} ${word}`
      return lines
    }, [])
    .join('\n')

const page = `${root}docs/scan.md`
const fill = (content, name, part) => {
  const start = `<!-- ${name} -->\n`
  const from = content.indexOf(start) + start.length
  return `${content.slice(0, from)}\n${part}\n\n${content.slice(content.indexOf(`<!-- end of ${name} -->`))}`
}
const listed = lists.map(([title, words]) => `### ${title}\n\n\`\`\`text\n${wrapped(words)}\n\`\`\``).join('\n\n')
writeFileSync(page, fill(fill(readFileSync(page, 'utf8'), 'tables', text), 'lists', listed))
console.log(table(['folder', ...tools], counts))
