// `npm run demo`: the main job as two people would do it, with real git, the built program and a real PyTorch checkpoint.
// Works in a temporary folder and leaves nothing behind. Ends with 1 if a single byte differs.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const bundle = join(root, 'packages/cli/dist/art.js')
const bold = process.stdout.isTTY && !process.env.NO_COLOR ? (text) => `\x1b[1m${text}\x1b[0m` : (text) => text
const base = realpathSync(mkdtempSync(join(tmpdir(), 'art-demo-')))
process.once('exit', () => rmSync(base, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

const mine = join(base, 'you/project')
const theirs = join(base, 'colleague/project')
const gitServer = join(base, 'git-server.git')
const storage = join(base, 'storage')
const env = prepare()

say('You have a git repository with training code, and a server that your team pushes git to.')
shell(base, `git init -q --bare -b main ${gitServer}`)
shell(base, `git clone -q ${gitServer} ${mine}`, { quietly: true })
writeFileSync(join(mine, 'train.py'), '# the code that makes models/simple_cnn.pth\n')

say(
  'Once per repository: make it an art repository and say where the bytes go. Here a folder; a bucket is s3://bucket/prefix.',
)
shell(mine, 'art init')
shell(mine, `art remote add -d storage ${storage}`)

say('Training wrote a checkpoint. art keeps its bytes and writes a small pointer for git.')
mkdirSync(join(mine, 'models'))
copyFileSync(join(root, 'test/data/simple_cnn.pth'), join(mine, 'models/simple_cnn.pth'))
shell(mine, 'art add models/simple_cnn.pth')
shell(mine, 'cat models/simple_cnn.pth.art')

say('git sees the pointer and not the model. Commit, then send bytes to the storage and commits to the git server.')
shell(mine, 'git add -A')
shell(mine, 'git commit -q -m "First model"')
shell(mine, 'git ls-files')
shell(mine, 'art push')
shell(mine, 'git push -q origin main')

say('A colleague, on another machine: clone, pull, and the same bytes are there.')
shell(base, `git clone -q ${gitServer} ${theirs}`)
shell(theirs, 'art pull')
same('test/data/simple_cnn.pth')

say('You fine-tune: two more epochs, only the head of the model moves. Add and push again.')
copyFileSync(join(root, 'test/data/simple_cnn_finetuned.pth'), join(mine, 'models/simple_cnn.pth'))
shell(mine, 'art status', { mayFail: true })
shell(mine, 'art add models/simple_cnn.pth')
shell(mine, 'git commit -q -a -m "Fine-tuned"')
const before = sizeOf(storage)
shell(mine, 'art push')
shell(mine, 'git push -q origin main')
const model = readFileSync(join(mine, 'models/simple_cnn.pth')).length
console.log(
  `\n  The storage grew by ${kilobytes(sizeOf(storage) - before)} for a model of ${kilobytes(model)}: only what changed was sent.`,
)

say('The colleague pulls git, then the bytes.')
shell(theirs, 'git pull -q')
shell(theirs, 'art pull')
same('test/data/simple_cnn_finetuned.pth')

say('And back to the first version, from the local cache.')
shell(theirs, 'git checkout -q HEAD~1')
shell(theirs, 'art checkout')
same('test/data/simple_cnn.pth')
console.log(`\n${bold('The same bytes on both sides, at every step.')} (${base} is removed again.)`)

function say(text) {
  console.log(`\n${bold(`# ${text}`)}`)
}

/** Runs one line as typed, shows it and what it prints. */
function shell(cwd, line, { mayFail = false, quietly = false } = {}) {
  console.log(
    `\n  ${cwd === base ? '' : `${cwd.slice(base.length + 1).split('/')[0]} `}$ ${line.replaceAll(`${base}/`, '')}`,
  )
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `${line} 2>&1`], { cwd, env, encoding: 'utf8' })
  const output = `${stdout}${stderr}`.replaceAll(`${base}/`, '').trimEnd()
  if (output !== '' && !(quietly && status === 0)) console.log(output.replace(/^/gm, '    '))
  if (status !== 0 && !mayFail) stop(`${line} ended with ${status}`)
}

function same(original) {
  const [wanted, got] = [join(root, original), join(theirs, 'models/simple_cnn.pth')].map((path) =>
    createHash('sha256').update(readFileSync(path)).digest('hex'),
  )
  console.log(`\n  sha256 of what you had:        ${wanted}\n  sha256 of what colleague has:  ${got}`)
  if (wanted !== got) stop('The bytes differ.')
}

function stop(message) {
  console.error(`\n${message}`)
  process.exit(1)
}

/** `art` on the PATH as a user has it, and nothing of the user's own git or art settings. */
function prepare() {
  const bin = join(base, 'bin')
  for (const folder of [bin, join(base, 'home'), join(base, 'you'), join(base, 'colleague')]) mkdirSync(folder)
  const starter = join(bin, 'art')
  writeFileSync(starter, `#!/bin/sh\nexec '${process.execPath}' '${bundle}' "$@"\n`)
  chmodSync(starter, 0o755)
  const own = Object.entries(process.env).filter(([name]) => !/^(ART_|GIT_|XDG_|npm_)/.test(name))
  const person = { NAME: 'Demo', EMAIL: 'demo@example.com' }
  return {
    ...Object.fromEntries(own),
    HOME: join(base, 'home'),
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'advice.detachedHead',
    GIT_CONFIG_VALUE_0: 'false',
    GIT_AUTHOR_NAME: person.NAME,
    GIT_AUTHOR_EMAIL: person.EMAIL,
    GIT_COMMITTER_NAME: person.NAME,
    GIT_COMMITTER_EMAIL: person.EMAIL,
  }
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + readFileSync(join(entry.parentPath, entry.name)).length, 0)
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`
}
