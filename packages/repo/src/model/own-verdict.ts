import { existsSync } from 'node:fs'
import type { Oid } from '@art/core'
import { type CacheLayout, tensorsPath } from '@art/core/cache/layout.ts'
import type { Verdict } from '@art/checkpoint/scan/scan.ts'

/** What this machine found when it scanned a content; undefined where it keeps no table of it. No table is read of what is no model. */
export async function ownVerdict(layout: CacheLayout, oid: Oid): Promise<Verdict | undefined> {
  if (!existsSync(tensorsPath(layout, oid))) return undefined
  const { keptTable } = await import('./kept-table.ts')
  return keptTable(layout, oid)?.scan?.verdict
}
