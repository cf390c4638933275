import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

/** The real `mlflow server` with SQLite and, unless `artifacts` say otherwise, artifacts in a folder; ready when the promise is kept. */
export async function startMlflow(python, folder, { artifacts = inFolder(folder), env = {} } = {}) {
  const port = await freePort()
  const args = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1']
  const figures = ['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`]
  const child = spawn(join(dirname(python), 'mlflow'), [...args, ...figures, ...artifacts], {
    cwd: folder,
    // A group of its own: the program starts the server as a process of its own.
    detached: true,
    env: {
      ...process.env,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: 'true',
      // Eight more processes, which nothing here asks for anything.
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = new Promise((resolve) => child.once('exit', () => resolve(undefined)))
  let said = ''
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`mlflow server ended with ${code}: ${said}`)))
    child.stderr.on('data', (piece) => {
      said = (said + piece.toString()).slice(-10_000)
      if (said.includes('Application startup complete')) resolve(undefined)
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      process.kill(-child.pid, 'SIGKILL')
      await gone
    },
  }
}

function inFolder(folder) {
  return ['--artifacts-destination', join(folder, 'artifacts')]
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
