import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Outcome, Place, ROOT, type Work } from '../e2e/harness.ts'
import { findServing, skipReason as noServing } from './serving/place.mjs'
import { python, SCRIPTS, skipReason, torch } from './torch/python.ts'

const EXAMPLES = join(ROOT, 'examples')
const serving = findServing()
const verbs = ['release', 'stage', 'get'].filter(
  (verb) => !existsSync(join(ROOT, `packages/cli/src/command/${verb}.ts`)),
)

/** A red square, by Pillow, and what the model says of it without art or a server. */
const EXPECTED = `
import io, json, sys
import numpy, onnxruntime
from PIL import Image
image = Image.new("RGB", (40, 20), (250, 20, 30))
image.save(sys.argv[2])
values = numpy.asarray(image.resize((32, 32)), numpy.float32).transpose(2, 0, 1)[None] / 255
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
print(int(session.run(None, {session.get_inputs()[0].name: values.astype(numpy.float32)})[0][0].argmax()))
`

interface About {
  version: string
  oid: string
  commit: string
}

describe.skipIf(torch === undefined || serving === undefined || verbs.length > 0)('a service of a release', () => {
  let place: Place
  let work: Work
  let server: ChildProcess | undefined
  let art: string
  let patience: string

  beforeAll(async () => {
    place = new Place()
    Object.assign(place.env, { VIRTUAL_ENV: join(torch!.python, '../..'), PYTHONPATH: serving!.packages })
    work = await place.repository('work')
    await work.git('init', '-q', '--bare', '-b', 'main', place.path('origin.git'))
    await work.git('remote', 'add', 'origin', place.path('origin.git'))
    mkdirSync(work.path('src/models'), { recursive: true })
    copyFileSync(join(SCRIPTS, '../export/resnet.py'), work.path('src/models/resnet.py'))
    await python(place, join(SCRIPTS, '../export/train.py'), [work.folder])
    await work.ok('remote', 'add', '-d', 'store', place.path('store'))
    await work.ok('add', 'models/resnet_best.pth')
    work.write(
      'models.yaml',
      'models:\n  resnet:\n    path: models/resnet.onnx\n  resnet-weights:\n    path: models/resnet_best.pth\n',
    )
    const flags = ['--model', 'src.models.resnet:get_model', '--kwargs', 'num_classes=10', '--input', '1,3,32,32']
    await work.ok(
      'export',
      'models/resnet_best.pth',
      '--to',
      'onnx',
      '--dynamic-batch',
      ...flags,
      '-o',
      'models/resnet.onnx',
    )
    await work.commit('models')
    await work.git('push', '-q', '-u', 'origin', 'main')
    await work.ok('push')
    await work.ok('release', 'resnet', '--version', '1.0.0')
    await work.ok('release', 'resnet-weights', '--version', '0.1.0')
    await work.ok('stage', 'resnet@v1.0.0', 'production')
    await work.ok('stage', 'resnet-weights@v0.1.0', 'production')
    await work.git('push', '-q', '--follow-tags', 'origin', 'main')
    await work.git('push', '-q', '--tags', 'origin')
  })
  beforeEach(() => {
    art = place.path('bin/art')
    patience = '30'
  })
  afterEach(stop)
  afterAll(() => place.dispose())

  const environment = (): Record<string, string> => ({ ART: art, ART_MODELS: place.path('cache'), PATIENCE: patience })
  const command = (...args: string[]): string[] => ['-B', join(EXAMPLES, 'serving/serve.py'), '--port', '0', ...args]

  function launch(...args: string[]): ChildProcess {
    const env = { ...place.env, ...environment() } as NodeJS.ProcessEnv
    return (server = spawn(serving!.python, command(...args), { env, stdio: ['ignore', 'pipe', 'inherit'] }))
  }

  async function stop(): Promise<number | null> {
    if (server !== undefined && server.exitCode === null) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
    return server?.exitCode ?? null
  }

  /** The service as a process: what it says of its model, and its address. */
  async function start(...args: string[]): Promise<{ about: About; url: string }> {
    const lines: string[] = []
    for await (const line of createInterface({ input: launch(...args).stdout! })) {
      lines.push(line)
      if (line.startsWith('listening')) break
    }
    return { about: JSON.parse(lines[0]!) as About, url: /http:\S+/.exec(lines[1]!)![0] }
  }

  const refused = (...args: string[]): Promise<Outcome> =>
    place.run(serving!.python, command(...args), { env: environment() })

  test.each(['here', 'by git URL'])(
    'gets the model that production names, %s, and answers with its version and oid',
    async (where) => {
      const repository = where === 'here' ? work.folder : `file://${place.path('origin.git')}`
      const { about, url } = await start('--repository', repository)
      const oid = /^oid: sha256:(.*)$/m.exec(readFileSync(work.path('models/resnet.onnx.art'), 'utf8'))![1]
      expect(about).toMatchObject({ version: '1.0.0', oid })
      expect(await (await fetch(`${url}/version`)).json()).toEqual(about)
      expect((await fetch(`${url}/health`)).status).toBe(200)
      const image = place.path('red.png')
      const { stdout } = spawnSync(serving!.python, ['-c', EXPECTED, work.path('models/resnet.onnx'), image], {
        encoding: 'utf8',
      })
      const answer = await fetch(`${url}/predict`, { method: 'POST', body: readFileSync(image) })
      expect(await answer.json()).toMatchObject({
        version: '1.0.0',
        oid,
        top: [{ class: Number(stdout) }, {}, {}, {}, {}],
      })
    },
  )

  test('refuses what is no image, is too large, or is somewhere else', async () => {
    const { url } = await start('--repository', work.folder)
    const status = async (path: string, init: RequestInit = {}): Promise<number> =>
      (await fetch(url + path, init)).status
    expect(await status('/predict', { method: 'POST', body: 'no image' })).toBe(415)
    // Whoever is still sending gets the answer, too.
    for (const path of ['/predict', '/elsewhere'])
      expect(await status(path, { method: 'POST', body: Buffer.alloc(20 << 20) })).toBe(path === '/predict' ? 413 : 404)
    expect(await status('/elsewhere')).toBe(404)
    expect(await status('/elsewhere', { method: 'POST', body: 'x' })).toBe(404)
    // Pillow would start Ghostscript for this.
    const postscript = '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n%%BeginPreview: 1 1 1 1\n'
    const eps = await fetch(`${url}/predict`, { method: 'POST', body: postscript })
    expect([eps.status, await eps.text()]).toEqual([415, expect.stringContaining('JPEG, PNG, WEBP, BMP, GIF are')])
    expect(await status('/health')).toBe(200)
  })

  /** A connection that sends this, and then a byte every 50 ms, and what comes back over it. */
  function dripping(url: string, head: string): { socket: Socket; answer: Promise<string> } {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const drip = setInterval(() => socket.write('x'), 50)
    let said = ''
    socket.on('error', () => undefined).on('data', (data: Buffer) => (said += data.toString('latin1')))
    socket.write(head)
    return { socket, answer: once(socket, 'close').then(() => (clearInterval(drip), said)) }
  }

  test('whoever sends slowly, or keeps connections, does not keep others out', async () => {
    patience = '2'
    const { url } = await start('--repository', work.folder)
    const body = dripping(url, 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n')
    const head = dripping(url, 'GET /health HTTP/1.1\r\nX: ')
    expect(await body.answer).toMatch(/^HTTP\/1\.1 408 .*did not come within 2 s/s)
    expect(await head.answer).toBe('')
    await stop()
    patience = '30'
    const next = await start('--repository', work.folder)
    const idle = Array.from({ length: 100 }, () => dripping(next.url, 'GET /health HTTP/1.1\r\nX: '))
    const status = async (): Promise<number> => (await fetch(`${next.url}/health`)).status
    await expect.poll(status, { timeout: 10_000 }).toBe(503)
    for (const { socket } of idle) socket.destroy()
    await expect.poll(status, { timeout: 10_000 }).toBe(200)
  })

  test('answers with numbers where a file of labels has too few', async () => {
    const labels = place.write('labels.txt', 'airplane\n')
    const { url } = await start('--repository', work.folder, '--labels', labels)
    const answer = await fetch(`${url}/predict`, { method: 'POST', body: readFileSync(place.path('red.png')) })
    const { top } = (await answer.json()) as { top: { class: string | number }[] }
    expect(top).toHaveLength(5)
    for (const one of top) expect(one.class === 'airplane' || Number(one.class) > 0).toBe(true)
  })

  test('serves what was got before where art cannot ask, and nothing that was not got', async () => {
    const { about } = await start('--repository', work.folder)
    await stop()
    art = '/absent'
    expect((await start('--repository', work.folder, '--offline')).about).toEqual(about)
    await stop()
    const { code, stderr } = await refused('--repository', work.folder, '--offline', '--release', 'resnet@v1.0.0')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: resnet@v1\.0\.0 was not got before\nhint: /)])
  })

  // In a container it is process 1, which SIGTERM ends only where it is listened to.
  test('ends by SIGTERM also while it gets the model, and art with it', async () => {
    const pid = place.path('hanging.pid')
    art = place.write('hanging-art', `#!/bin/sh\necho $$ > '${pid}.part'\nmv '${pid}.part' '${pid}'\nexec sleep 1000\n`)
    chmodSync(art, 0o755)
    launch('--repository', work.folder)
    await expect.poll(() => existsSync(pid), { timeout: 20_000 }).toBe(true)
    expect(await stop()).toBe(143)
    await expect.poll(() => existsSync(`/proc/${readFileSync(pid, 'utf8').trim()}`)).toBe(false)
  })

  test('does not start with a release that is not there, and says what art says', async () => {
    const { code, stderr } = await refused('--release', 'resnet#absent', '--repository', work.folder)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .*resnet/)
    expect(stderr).not.toContain('Traceback')
  })

  test('does not start with what is no ONNX, and says what to do', async () => {
    const release = 'resnet-weights#production'
    const { code, stdout, stderr } = await refused('--release', release, '--repository', work.folder)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^error: resnet-weights#production: this release is pytorch, not onnx: export it with `art export 'resnet-weights#production' --to onnx …`/,
    )
    expect(stderr).not.toContain('Traceback')
  })

  test('its neighbours load a release into torch', async () => {
    const load = (...args: string[]): Promise<Outcome> =>
      place.run(torch!.python, ['-B', join(EXAMPLES, 'loading.py'), ...args], { env: environment() })
    const weights = ['resnet-weights@latest', work.folder]
    for (const { code, stdout, stderr } of [await load(...weights), await load(...weights)]) {
      expect(stderr).toBe('')
      expect(code).toBe(0)
      expect(stdout).toMatch(/^resnet-weights 0\.1\.0, sha256 [0-9a-f]{64}\n122 tensors, /)
    }
    expect((await load()).stderr).toMatch(/^usage: /)
    const onnx = await load('resnet#production', work.folder)
    expect([onnx.code, onnx.stderr]).toEqual([1, expect.stringMatching(/^error: .*\.onnx is nothing that torch\.load/)])
  })
})

if (torch === undefined) test.skip(skipReason, () => undefined)
if (serving === undefined) test.skip(noServing, () => undefined)
if (verbs.length > 0) test.skip(`this art has no ${verbs.join(', ')}`, () => undefined)
