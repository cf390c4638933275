import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'

export interface TrackingServer {
  url: string
  stop(): Promise<void>
}

/** The real `mlflow server` with SQLite and artifacts in a folder; ready when the promise is kept. */
export async function startMlflow(python: string, folder: string): Promise<TrackingServer> {
  const port = await freePort()
  const args = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1']
  const places = [
    '--backend-store-uri',
    `sqlite:///${join(folder, 'mlflow.db')}`,
    '--artifacts-destination',
    join(folder, 'artifacts'),
  ]
  const child = spawn(join(dirname(python), 'mlflow'), [...args, ...places], {
    cwd: folder,
    // A group of its own: the program starts the server as a process of its own.
    detached: true,
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`mlflow server ended with ${code}: ${said}`)))
    child.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-10_000)
      if (said.includes('Application startup complete')) resolve()
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      process.kill(-child.pid!, 'SIGKILL')
      await gone
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
