// Makes docs/images/mlflow.png: MLflow's own UI showing a model that art pushed. Needs MLflow (test/interop/install.mjs) and a Chromium in PATH:
// node test/interop/mlflow/screenshot.mjs
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMlflow } from './place.mjs'
import { startMlflow } from './server.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const target = join(ROOT, 'docs/images/mlflow.png')
const python = findMlflow()
if (python === undefined) throw new Error('MLflow is not installed: run node test/interop/install.mjs')

const base = mkdtempSync(join(tmpdir(), 'art-mlflow-'))
const work = join(base, 'work')
mkdirSync(join(work, 'models'), { recursive: true })
mkdirSync(join(base, 'server'))
const server = await startMlflow(python, join(base, 'server'))
try {
  const env = { ...process.env, MLFLOW_TRACKING_URI: server.url, HOME: base }
  const run = (program, ...args) => execFileSync(program, args, { cwd: work, env, stdio: 'inherit' })
  const art = (...args) => run(process.execPath, join(ROOT, 'packages/cli/dist/art.js'), ...args)
  run('git', 'init', '-q')
  run('git', 'config', 'user.name', 'Ann')
  run('git', 'config', 'user.email', 'ann@example.org')
  art('init')
  const models = 'models:\n  simple_cnn:\n    path: models/simple_cnn_best.pth\n    title: SimpleCNN\n'
  writeFileSync(
    join(work, 'models.yaml'),
    `${models}    dataset: stripes\n    task: image-classification\n    metric: val_acc\n`,
  )
  const versions = [
    ['1.0.0', 'simple_cnn.pth', 'production'],
    ['1.1.0', 'simple_cnn_finetuned.pth', 'staging'],
  ]
  for (const [i, [version, file, stage]] of versions.entries()) {
    copyFileSync(join(ROOT, 'test/data', file), join(work, 'models/simple_cnn_best.pth'))
    art('add', 'models/simple_cnn_best.pth', '--desc', i === 0 ? 'The first one' : 'Fine-tuned head')
    run('git', 'add', '-A')
    run('git', 'commit', '-qm', version)
    run('git', 'tag', '-a', `simple_cnn@v${version}`, '-m', version)
    run('git', 'tag', '-a', `simple_cnn#${stage}#${i + 1}`, '-m', stage)
  }
  art('mlflow', 'push')
  mkdirSync(dirname(target), { recursive: true })
  const page = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--user-data-dir=${join(base, 'profile')}`,
  ]
  const shot = [`--screenshot=${target}`, '--window-size=1680,950', '--virtual-time-budget=30000']
  run('chromium', ...page, ...shot, `${server.url}/#/models/simple_cnn/versions/1`)
  if (statSync(target).size > 300_000) throw new Error('the picture is larger than 300 kB')
} finally {
  await server.stop()
  rmSync(base, { recursive: true, force: true })
}
