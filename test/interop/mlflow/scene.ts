import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DATA, type Place, type Work } from '../../e2e/harness.ts'
import type { TrackingServer } from './server.mjs'

const run = promisify(execFile)

/** What MLflow's own client sees of a version. */
export interface SeenVersion {
  version: string
  status: string
  tags: Record<string, string>
  description: string
  run: {
    name: string
    status: string
    experiment: string
    params: Record<string, string>
    metrics: Record<string, [number | string, number][]>
    tags: Record<string, string>
  }
  files: Record<string, string>
}
export interface Seen {
  aliases: Record<string, string>
  versions: SeenVersion[]
  runs: number
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** What MLflow's own client sees, by the names of registered models. */
export async function seenModels(
  python: string,
  { url }: TrackingServer,
  names: readonly string[],
): Promise<Record<string, Seen>> {
  const env = { ...process.env, MLFLOW_TRACKING_URI: url, MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false' }
  const script = fileURLToPath(new URL('read_models.py', import.meta.url))
  const { stdout } = await run(python, [script, ...names], { env, maxBuffer: 1 << 26 })
  return JSON.parse(stdout) as Record<string, Seen>
}

/** A repository with two releases of a model, the second one in production. */
export async function released(place: Place, name: string): Promise<Work> {
  const work = await place.repository(name)
  mkdirSync(work.path('models'))
  copyFileSync(join(DATA, 'simple_cnn.pth'), work.path('models/cnn.pth'))
  await work.ok('add', 'models/cnn.pth', '--metric', 'f1=0.71', '--metric', 'odd=nan', '--desc', 'the first')
  work.write(
    'models.yaml',
    `models:\n  ${name}:\n    path: models/cnn.pth\n    title: ${name} title\n    dataset: stripes\n    task: image-classification\n    metric: val_acc\n`,
  )
  await work.commit('one')
  await work.git('tag', '-a', `${name}@v1.0.0`, '-m', 'x')
  copyFileSync(join(DATA, 'simple_cnn_finetuned.pth'), work.path('models/cnn.pth'))
  await work.ok('add', 'models/cnn.pth')
  await work.commit('two')
  await work.git('tag', '-a', `${name}@v1.1.0`, '-m', 'x')
  await work.git('tag', '-a', `${name}#production#1`, '-m', 'x')
  return work
}
