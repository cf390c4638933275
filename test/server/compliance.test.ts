import { objectStoreCompliance } from '@art/remote/compliance/object-store-compliance.ts'
import { describe, test } from 'vitest'
import { SERVERS } from './s3.mjs'
import { storeOf } from './store.ts'

for (const { name, start, installed } of SERVERS) {
  if (!installed()) {
    // moto stands in where neither of the others can be had.
    if (name !== 'moto') describe(name, () => test.skip('is not installed: run node test/server/install.mjs', () => {}))
    continue
  }
  objectStoreCompliance(`${name} over HTTP`, async () => {
    const server = await start()
    await server.makeBucket('compliance')
    const store = await storeOf(server, 'compliance/some/prefix')
    return { store, cleanup: () => server.stop() }
  })
}
