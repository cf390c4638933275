// Makes docs/images/mlflow.png and mlflow-run.png: MLflow's own UI showing what docs/model-versioning.md has pushed. Walks that page, so it needs
// PyTorch and MLflow (test/interop/install.mjs), and a Chromium in PATH: node test/interop/mlflow/screenshot.mjs
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parsePage } from '../page/parse.mjs'
import { preparePage } from '../page/prepare.mjs'
import { Shell } from '../page/run.mjs'
import { openBrowser } from './browser.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PUSH = 'art mlflow push'
const MODEL = 'resnet'
const WIDTH = 1240

const base = mkdtempSync(join(tmpdir(), 'art-mlflow-'))
const page = await preparePage(base)
const browser = openBrowser(join(base, 'profile'))
try {
  mkdirSync(join(base, 'state'))
  const shell = new Shell({ state: join(base, 'state'), cwd: base, env: page.env })
  for (const { command, exit, needs } of parsePage(readFileSync(join(ROOT, 'docs/model-versioning.md'), 'utf8'))) {
    if (needs.some((name) => name !== 'mlflow' && !page.has.includes(name))) continue
    const { code, output } = shell.run(command)
    if (code !== exit) throw new Error(`${command} ended with ${code}: ${output}`)
    if (command === PUSH) break
  }
  const { server, releases } = JSON.parse(shell.run(`${PUSH} --json 2> errors`).output)
  await shoot(server, releases)
} finally {
  await browser.close()
  await page.stop()
  rmSync(base, { recursive: true, force: true })
}

/** Of the model with all its versions, and of the run of its first one. */
async function shoot(server, releases) {
  await browser.open()
  await browser.size(WIDTH, 800)
  await browser.go(server, 'Experiments')
  // It would take a third of the page.
  await browser.evaluate(`localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false')`)
  await click('Model training')
  await browser.go('about:blank')
  const own = releases.filter(({ model }) => model === MODEL)
  const [first] = own
  await browser.go(`${server}/#/models/${MODEL}`, ...own.map(({ registered }) => `Version ${registered.version}`), '@')
  await browser.size(WIDTH, 1400)
  keep('mlflow.png', await browser.picture())
  const id = await experimentOf(server, first.run)
  await browser.size(WIDTH, 800)
  await browser.go(`${server}/#/experiments/${id}/runs/${first.run}`, 'val_acc', 'art.oid')
  keep('mlflow-run.png', await browser.picture())
}

async function click(text) {
  const isIt = `one.childElementCount === 0 && one.textContent === ${JSON.stringify(text)}`
  await browser.evaluate(`[...document.querySelectorAll('*')].find((one) => ${isIt}).click()`)
}

async function experimentOf(server, run) {
  const answer = await fetch(`${server}/api/2.0/mlflow/runs/get?run_id=${run}`)
  return (await answer.json()).run.info.experiment_id
}

function keep(name, picture) {
  if (picture.length > 150_000) throw new Error(`${name} has ${picture.length} bytes: too many for a page`)
  writeFileSync(join(ROOT, 'docs/images', name), picture)
}
