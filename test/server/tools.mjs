import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the S3 servers that the tests run against are installed; git ignores it. */
export const TOOLS = fileURLToPath(new URL('../../.tools/', import.meta.url))

/** @type {Record<'versitygw' | 'minio' | 'moto', string>} */
const BINARIES = {
  versitygw: 'bin/versitygw',
  minio: 'bin/minio',
  moto: 'moto/bin/moto_server',
}

/**
 * The installed program, or undefined: then a test says that it skips. `ART_TEST_SERVERS=moto,minio` makes as if only those were there.
 * @param {'versitygw' | 'minio' | 'moto'} name
 * @returns {string | undefined}
 */
export function findServer(name) {
  const only = process.env.ART_TEST_SERVERS?.split(',')
  if (only !== undefined && !only.includes(name)) return undefined
  const file = path.join(TOOLS, BINARIES[name])
  return existsSync(file) ? file : undefined
}
