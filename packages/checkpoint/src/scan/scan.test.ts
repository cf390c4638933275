import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fileSource } from '../source/file.ts'
import { type ScanReport, scanFile } from './scan.ts'

const SET = fileURLToPath(new URL('../../../../test/data/models/scan/', import.meta.url))

async function scan(path: string): Promise<ScanReport> {
  const source = await fileSource(path)
  try {
    return await scanFile(source)
  } finally {
    await source.close()
  }
}

describe.each(['safe', 'unknown', 'unsafe'])('a file of %s/', (verdict) => {
  it.each(readdirSync(`${SET}${verdict}`))('%s', async (name) => {
    const report = await scan(`${SET}${verdict}/${name}`)
    expect(report.verdict, JSON.stringify(report, undefined, 1)).toBe(verdict)
  })
})
