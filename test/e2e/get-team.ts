import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { formatTagMessage } from '@art/registry/tag/message.ts'
import { eachUser, place } from './get-place.ts'
import { DATA, type Work } from './harness.ts'
import { noise } from './tree.ts'

export const OLD = readFileSync(join(DATA, 'simple_cnn.pth'))
export const NEW = readFileSync(join(DATA, 'simple_cnn_finetuned.pth'))
export const BIG = noise(3_000_000, 1)

/** A repository with two releases, a large file and a folder, whose remote lies beside it; and git's own server for it. */
export interface Team {
  origin: Work
  /** Of `models/net.pth`, the old one and the new one. */
  oids: readonly string[]
  commits: readonly string[]
  /** Of its bare clone, at git's server. */
  address: string
  stop(): Promise<void>
}

/** For files that say `withTeam`. */
export let team: Team

/** Every test of the file is a user's who may get from the team. */
export function withTeam(): void {
  eachUser()
  beforeAll(async () => {
    team = await startTeam()
  })
  afterAll(() => team?.stop())
}

async function startTeam(): Promise<Team> {
  const origin = await place.repository('team/models')
  await origin.ok('remote', 'add', '-d', 'origin', place.path('team/store'))
  origin.write('models.yaml', 'models:\n  net: models/net.pth\n')
  origin.write('models/big.bin', BIG)
  origin.write('data/a.txt', 'a')
  origin.write('data/sub/b.txt', 'b')
  symlinkSync('../a.txt', origin.path('data/sub/up'))
  const oids: string[] = []
  const commits: string[] = []
  for (const bytes of [OLD, NEW]) {
    origin.write('models/net.pth', bytes)
    const { added } = await origin.json<{ added: { oid: string }[] }>('add', 'models/net.pth', 'models/big.bin', 'data')
    oids.push(added[0]!.oid)
    await origin.commit('pointers')
    commits.push(await origin.git('rev-parse', 'HEAD'))
    await origin.ok('push')
    if (bytes === OLD) await origin.git('tag', '-a', 'net@v1.0.0', '-m', 'by GTO')
  }
  const facts = { path: 'models/net.pth', oid: oids[1]!, kind: 'f' as const, size: NEW.length, gitCommit: commits[1]! }
  origin.write('MODELS.md', 'of the release')
  await origin.commit('files of the release')
  await origin.git('tag', '-a', 'net@v1.1.0', '-m', formatTagMessage('Release net 1.1.0', facts))
  await origin.git('tag', '-a', 'net#prod#1', '-m', 'x')
  await place.run('git', ['clone', '-q', '--bare', origin.folder, place.path('team/models.git')])
  await place.run('git', ['-C', place.path('team/models.git'), 'config', 'uploadpack.allowFilter', 'true'])
  const { address, stop } = await startDaemon()
  return { origin, oids, commits, address: `${address}/team/models.git`, stop }
}

/** Git's own server for all repositories of a place. */
async function startDaemon(): Promise<{ address: string; stop(): Promise<void> }> {
  const port = await freePort()
  const daemon = spawn(
    'git',
    ['daemon', '--verbose', '--export-all', `--base-path=${place.base}`, '--listen=127.0.0.1', `--port=${port}`],
    { env: place.env, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  // Read on to the end: a server that cannot write its log ends.
  await new Promise<void>((ready) => {
    daemon.stderr.on('data', (line: Buffer) => void (line.includes('Ready') && ready()))
  })
  const stop = async (): Promise<void> => {
    daemon.kill()
    if (daemon.exitCode === null) await once(daemon, 'exit')
  }
  return { address: `git://127.0.0.1:${port}`, stop }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
