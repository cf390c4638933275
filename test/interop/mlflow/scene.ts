import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DATA, Place, type Work } from '../../e2e/harness.ts'
import { type Proxy, startProxy } from './proxy.ts'
import { startMlflow, type TrackingServer } from './server.mjs'

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

/** A real server, a proxy before it, and a place whose repositories speak to the server. */
export interface Scene {
  place: Place
  server: TrackingServer
  proxy: Proxy
  /** Runs Python that has MLflow's client as `c`; what it prints. */
  client(code: string): Promise<string>
  close(): Promise<void>
}

export async function openScene(python: string, options?: Parameters<typeof startMlflow>[2]): Promise<Scene> {
  const place = new Place()
  for (const variable of Object.keys(place.env)) if (variable.startsWith('MLFLOW_')) delete place.env[variable]
  mkdirSync(place.path('server'))
  const server = await startMlflow(python, place.path('server'), options)
  const proxy = await startProxy(server.url)
  place.env['MLFLOW_TRACKING_URI'] = server.url
  return {
    place,
    server,
    proxy,
    async client(code) {
      const env = { ...process.env, MLFLOW_TRACKING_URI: server.url }
      return (await run(python, ['-c', `from mlflow import MlflowClient\nc = MlflowClient()\n${code}`], { env })).stdout
    },
    async close() {
      await proxy.close()
      await server.stop()
      place.dispose()
    },
  }
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

/** Makes a repository another one, with one release of the model that is called `name` now: MLflow has nothing of it yet. */
export async function asAnother(work: Work, name: string): Promise<void> {
  const change = (path: string, pattern: RegExp, text: string): string =>
    work.write(path, readFileSync(work.path(path), 'utf8').replace(pattern, text))
  change('.art/config.yaml', /repo: .*/, `repo: ${randomBytes(16).toString('hex')}`)
  change('models.yaml', /^ {2}\S+:$/m, `  ${name}:`)
  await work.git('tag', '-a', `${name}@v1.1.0`, '-m', 'x')
  await work.git('tag', '-a', `${name}#production#1`, '-m', 'x')
}
