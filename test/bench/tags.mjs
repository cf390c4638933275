// `node test/bench/tags.mjs [--art 5000] [--gto 1500] [--runs 5]`: how long a registry of many tags takes to answer who has a stage, art beside the real
// GTO of .tools/gto (node test/interop/install.mjs). Half of the tags are versions, each of a commit of its own; the others give a stage.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, run } from './measure.mjs'
import { BUNDLE, cleanEnvironment } from './tools.mjs'

const GTO = fileURLToPath(new URL('../../.tools/gto/bin/gto', import.meta.url))
const MODELS = 10
const FIRST = 1_700_000_000

/** A stream for `git fast-import`: one commit a version, its tag, and a stage's tag on it, a second apart. */
function history(tags) {
  const person = (at) => `Bench <bench@example.com> ${FIRST + at} +0000`
  const text = (body) => `data ${Buffer.byteLength(body)}\n${body}`
  const lines = []
  const last = new Map()
  for (let at = 0; at < tags / 2; at++) {
    const model = `model-${at % MODELS}`
    const version = `1.${Math.floor(at / MODELS)}.0`
    const oid = at.toString(16).padStart(64, '0')
    const facts = `art: 1\npath: models/${model}.pth\noid: sha256:${oid}\nsize: 1000\n`
    const from = at === 0 ? '' : `from :${at}\n`
    lines.push(
      `commit refs/heads/main\nmark :${at + 1}\ncommitter ${person(at * 2)}\n${text(`train ${at}`)}\n${from}`,
      `tag ${model}@v${version}\nfrom :${at + 1}\ntagger ${person(at * 2)}\n${text(`Release ${model} ${version}\n\n${facts}`)}\n`,
      `tag ${model}#production#${Math.floor(at / MODELS) + 1}\nfrom :${at + 1}\ntagger ${person(at * 2 + 1)}\n${text(`Stage\n\nart: 1\nversion: ${version}\n`)}\n`,
    )
    last.set(model, version)
  }
  return { stream: lines.join(''), last }
}

function repositoryWith(tags, base, env) {
  const cwd = join(base, `tags-${tags}`)
  mkdirSync(cwd)
  const git = (...args) => run(['git', ...args], { cwd, env })
  git('init', '-q', '-b', 'main')
  const { stream, last } = history(tags)
  const made = spawnSync('git', ['fast-import', '--quiet'], { cwd, env, input: stream, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`git fast-import: ${made.stderr}`)
  git('checkout', '-q', 'main')
  mkdirSync(join(cwd, '.art'))
  writeFileSync(join(cwd, '.art/config.yaml'), `art: 1\nrepo: ${'a'.repeat(32)}\n`)
  // Tags that were fetched one by one, or made here, are files of their own.
  return { cwd, last, pack: () => git('pack-refs', '--all') }
}

/** Seconds of each of `runs` calls, after one that warms the caches of the disk. */
function timed(command, { cwd, env, runs, expected }) {
  const times = []
  for (let at = 0; at <= runs; at++) {
    const { seconds, stdout } = run(command, { cwd, env })
    if (!stdout.includes(expected)) throw new Error(`${command.join(' ')} did not answer ${expected}: ${stdout}`)
    if (at > 0) times.push(seconds)
  }
  return times
}

const { values } = parseArgs({
  options: {
    art: { type: 'string', default: '5000' },
    gto: { type: 'string', default: '1500' },
    runs: { type: 'string', default: '5' },
  },
})
const base = mkdtempSync(join(tmpdir(), 'art-tags-'))
process.once('exit', () => rmSync(base, { recursive: true, force: true }))
const env = cleanEnvironment(base)
const runs = Number(values.runs)
const show = (what, times) =>
  console.log(
    `${what.padEnd(58)} ${median(times).toFixed(3)} s  (${Math.min(...times).toFixed(3)} to ${Math.max(...times).toFixed(3)}, ${times.length} runs)`,
  )

for (const tags of new Set([Number(values.gto), Number(values.art)])) {
  const { cwd, last, pack } = repositoryWith(tags, base, env)
  const expected = last.get('model-3')
  const which = ['--json', 'which', 'model-3#production']
  const art = (...args) => timed([process.execPath, BUNDLE, ...args], { cwd, env, runs, expected })
  show(`art which model-3#production, ${tags} loose tags`, art(...which))
  pack()
  show(`art which model-3#production, ${tags} packed tags`, art(...which))
  show(`art which --at, ${tags} packed tags`, art(...which, '--at', '2026-01-01'))
  show(`art history model-3, ${tags} packed tags`, art('history', 'model-3'))
  if (tags !== Number(values.gto)) continue
  if (!existsSync(GTO)) console.log('skipped GTO: it is not installed (node test/interop/install.mjs)')
  else
    show(
      `gto show model-3#production, ${tags} packed tags`,
      timed([GTO, 'show', 'model-3#production', '--plain'], { cwd, env, runs: Math.min(runs, 3), expected }),
    )
}
