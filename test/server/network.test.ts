import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { readAll, type StoreOptions } from '@art/remote'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { startForwardProxy, startTlsProxy } from './proxy.mjs'
import type { S3Server } from './s3.mjs'
import { describeWithServer, IMPATIENT, storeOf } from './store.ts'

/** A certificate for 127.0.0.1 that vouches for itself. */
function selfSigned(folder: string): { key: string; cert: string; file: string } {
  const file = path.join(folder, 'cert.pem')
  const keyFile = path.join(folder, 'key.pem')
  const subject = ['-subj', '/CN=art test', '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', keyFile, '-out', file], { stdio: 'pipe' })
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(file, 'utf8'), file }
}

describeWithServer('a network with a proxy and authorities of its own', (start) => {
  let server: S3Server
  let folder: string
  let certificate: ReturnType<typeof selfSigned> | undefined
  let secure: Awaited<ReturnType<typeof startTlsProxy>> | undefined
  const body = randomBytes(100_000)

  beforeAll(async () => {
    server = await start()
    await server.makeBucket('network')
    folder = mkdtempSync(path.join(os.tmpdir(), 'art-tls-'))
    try {
      certificate = selfSigned(folder)
      secure = await startTlsProxy(server.endpoint, certificate)
    } catch {
      console.log('skipped: no openssl on this machine to make a certificate with')
    }
  })
  afterEach(() => vi.unstubAllEnvs())
  afterAll(async () => {
    await secure?.stop()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function roundTrip(options: StoreOptions): Promise<boolean> {
    const store = await storeOf(server, 'network', { ...IMPATIENT, ...options })
    try {
      await store.put('object', body)
      return (await readAll(store, 'object')).equals(body)
    } finally {
      await store.close?.()
    }
  }

  test('HTTPS under an own authority: refused without it, accepted with it or unchecked', async ({ skip }) => {
    if (secure === undefined || certificate === undefined) return skip('no openssl')
    const { endpoint } = secure
    vi.stubEnv('AWS_CA_BUNDLE', '')
    await expect(roundTrip({ endpoint })).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      retryable: false,
      hint: expect.stringContaining('AWS_CA_BUNDLE'),
    })
    expect(await roundTrip({ endpoint, caBundle: certificate.file })).toBe(true)
    expect(await roundTrip({ endpoint, tlsVerify: false })).toBe(true)
    vi.stubEnv('AWS_CA_BUNDLE', certificate.file)
    expect(await roundTrip({ endpoint })).toBe(true)
  })

  test('a bundle that is not there or no bundle is named', async ({ skip }) => {
    if (secure === undefined) return skip('no openssl')
    const { endpoint } = secure
    const absent = path.join(folder, 'absent.pem')
    await expect(roundTrip({ endpoint, caBundle: absent })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      path: absent,
    })
    const empty = path.join(folder, 'empty.pem')
    writeFileSync(empty, 'no certificate')
    await expect(roundTrip({ endpoint, caBundle: empty })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      path: empty,
    })
  })

  test.each(['HTTP_PROXY', 'http_proxy'])(
    '%s carries requests to a plain server, NO_PROXY excepts it',
    async (name) => {
      const proxy = await startForwardProxy()
      vi.stubEnv(name, proxy.url)
      expect(await roundTrip({})).toBe(true)
      expect(proxy.seen.tunnels).toEqual([])
      expect([...new Set(proxy.seen.requests)]).toEqual([
        `PUT ${server.endpoint}/network/object?x-id=PutObject`,
        `GET ${server.endpoint}/network/object?x-id=GetObject`,
      ])
      const carried = proxy.seen.requests.length
      vi.stubEnv('NO_PROXY', 'example.com, 127.0.0.1')
      expect(await roundTrip({})).toBe(true)
      expect(proxy.seen.requests).toHaveLength(carried)
      await proxy.stop()
    },
  )

  test('HTTPS_PROXY tunnels to a TLS server, with one tunnel for many requests', async ({ skip }) => {
    if (secure === undefined || certificate === undefined) return skip('no openssl')
    const proxy = await startForwardProxy({ login: 'somebody:p%40ss' })
    vi.stubEnv('HTTPS_PROXY', proxy.url.replace('p%40ss', 'p%2540ss'))
    const { endpoint } = secure
    expect(await roundTrip({ endpoint, caBundle: certificate.file })).toBe(true)
    expect([...new Set(proxy.seen.requests)]).toEqual([])
    expect(proxy.seen.tunnels.length).toBeGreaterThan(0)
    expect(new Set(proxy.seen.tunnels)).toEqual(new Set([new URL(endpoint).host]))
    await proxy.stop()
  })

  test('a proxy that wants a login is named, and the login it got is not', async ({ skip }) => {
    if (secure === undefined || certificate === undefined) return skip('no openssl')
    const proxy = await startForwardProxy({ login: 'somebody:right' })
    vi.stubEnv('HTTPS_PROXY', proxy.url.replace('right', 'wrong-login'))
    vi.stubEnv('HTTP_PROXY', proxy.url.replace('right', 'wrong-login'))
    for (const endpoint of [secure.endpoint, server.endpoint]) {
      const failed = await roundTrip({ endpoint, caBundle: certificate.file }).catch((error) => error)
      expect(failed).toMatchObject({ code: 'REMOTE_AUTH', message: expect.stringContaining('proxy') })
      expect(JSON.stringify([failed.message, failed.hint, String(failed.cause)])).not.toContain('wrong-login')
    }
    await proxy.stop()
  })

  test('a proxy that is not there is named', async () => {
    const proxy = await startForwardProxy()
    await proxy.stop()
    vi.stubEnv('HTTP_PROXY', proxy.url)
    await expect(roundTrip({})).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      hint: expect.stringContaining('proxy'),
    })
  })
})
