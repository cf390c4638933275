import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { eachUser, here, place } from './get-place.ts'
import { expectProblem } from './problem.ts'

let origin: string

eachUser()
beforeAll(async () => {
  const work = await place.repository('team')
  await work.ok('remote', 'add', '-d', 'origin', place.path('store'))
  work.write('net.bin', 'weights')
  await work.ok('add', 'net.bin')
  await work.commit('pointer')
  await work.ok('push')
  origin = `file://${work.folder}`
})

test('nothing is put in place of a pipe or a device, whatever is forced', async () => {
  await place.run('mkfifo', [here.path('pipe')])
  await expectProblem(here, ['get', origin, 'net.bin', '-f', '-o', 'pipe'], {
    code: 'UNSUPPORTED',
    path: 'pipe',
  })
  expect(statSync(here.path('pipe')).isFIFO()).toBe(true)
})

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends git too, and nothing is left', async (signal, code) => {
  // A server that hangs: git would wait for it without an end.
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  let pid = 0
  const running = here.artWith({ onStart: (started) => (pid = started) }, 'get', `git://127.0.0.1:${port}/x`, 'net')
  const [socket] = (await once(server, 'connection')) as [Socket]
  const closed = once(socket.resume(), 'close')
  process.kill(pid, signal)
  const { code: ended, stderr } = await running
  await closed
  server.close()
  expect([ended, stderr]).toEqual([code, expect.stringContaining('interrupted')])
  expect(readdirSync(place.path('tmp'))).toEqual([])
})
