import { expect, test } from 'vitest'
import { proxyFor } from './proxy.ts'

const HTTPS = new URL('https://bucket.s3.eu-west-1.amazonaws.com')

test.each([
  [{ HTTPS_PROXY: 'http://p:8080' }, 'http://p:8080/'],
  [{ https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' }, 'http://lower:1/'],
  [{ ALL_PROXY: 'p:3128' }, 'http://p:3128/'],
  [{ HTTP_PROXY: 'http://p:8080' }, undefined],
  [{}, undefined],
  [{ HTTPS_PROXY: '' }, undefined],
  [{ HTTPS_PROXY: 'http://p', NO_PROXY: 'amazonaws.com' }, undefined],
  [{ HTTPS_PROXY: 'http://p', NO_PROXY: 'x, .amazonaws.com' }, undefined],
  [{ HTTPS_PROXY: 'http://p', no_proxy: '*.AmazonAWS.com' }, undefined],
  [{ HTTPS_PROXY: 'http://p', NO_PROXY: '*' }, undefined],
  [{ HTTPS_PROXY: 'http://p', NO_PROXY: 'amazonaws.com:443' }, undefined],
  [{ HTTPS_PROXY: 'http://p', NO_PROXY: 'amazonaws.com:8443' }, 'http://p/'],
  [{ HTTPS_PROXY: 'http://p', NO_PROXY: 'aws.com,s3' }, 'http://p/'],
])('with %j a request to AWS goes through %s', (env, proxy) => {
  expect(proxyFor(HTTPS, env)?.href).toBe(proxy)
})

test.each([
  ['http://10.1.2.3:9000', '10.0.0.0/8', true],
  ['http://11.1.2.3:9000', '10.0.0.0/8', false],
  ['http://10.1.2.3:9000', '10.1.2.3', true],
  ['http://10.1.2.3:9000', '2.3', false],
  ['http://[::1]:9000', '::1', true],
  ['http://[::1]:9000', '[::1]:9000', true],
  ['http://localhost:9000', 'localhost:9001', false],
  ['http://10.1.2.3:9000', '10.0.0.0/99', false],
])('%s with NO_PROXY=%s goes directly: %s', (url, exception, direct) => {
  const proxy = proxyFor(new URL(url), { HTTP_PROXY: 'http://p', NO_PROXY: exception })
  expect(proxy === undefined).toBe(direct)
})
