import { openStore, type ObjectStore, type StoreOptions } from '@art/remote'
import { describe, test } from 'vitest'
import { type S3Server, SERVERS } from './s3.mjs'

/** Every retry at once, few of them, and short patience: for tests that wait for a failure. */
export const IMPATIENT: StoreOptions = {
  retry: { attempts: 3, delay: async () => {} },
  limits: { connect: 500, idle: 300, answer: 1_000, minRate: 1 << 20 },
}

/** A store in a bucket of a test server; `options` override how it is reached. */
export function storeOf(server: S3Server, bucket: string, options: StoreOptions = {}): Promise<ObjectStore> {
  const { endpoint, accessKeyId, secretAccessKey } = server
  return openStore(`s3://${bucket}`, { endpoint, accessKeyId, secretAccessKey, ...options })
}

/** Tests that need some S3 server, whichever is here; where none is, they say so and skip. `strict`: it checks signatures and checksums. */
export function describeWithServer(
  name: string,
  tests: (start: () => Promise<S3Server>, strict: boolean) => void,
): void {
  const server = SERVERS.find(({ installed }) => installed())
  if (server === undefined) {
    describe(name, () => test.skip('no S3 server is installed: run node test/server/install.mjs', () => {}))
    return
  }
  describe(`${name} (${server.name})`, () => tests(server.start, server.name !== 'moto'))
}
