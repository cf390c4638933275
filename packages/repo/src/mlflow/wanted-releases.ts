import { isArtError } from '@art/core'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { parseReference } from '@art/registry/tag/reference.ts'
import type { Failure } from '../api.ts'
import { findRelease, ledgerOf } from '../registry/find-release.ts'
import type { Registry } from '../registry/open.ts'
import { failureOf } from '../target/find.ts'

/** What names such as `resnet`, `resnet@v1.2.0`, `resnet@latest` and `resnet#production` stand for, in the order of `records`; all where nothing is named. */
export function wantedReleases(
  registry: Registry,
  records: readonly ReleaseRecord[],
  names: readonly string[],
): { wanted: ReleaseRecord[]; failed: Failure[] } {
  if (names.length === 0) return { wanted: [...records], failed: [] }
  const wanted = new Set<ReleaseRecord>()
  const failed: Failure[] = []
  for (const name of names) {
    try {
      for (const one of releasesNamed(registry, records, name)) wanted.add(one)
    } catch (error) {
      if (!isArtError(error)) throw error
      failed.push({ ...failureOf(error, name), path: name })
    }
  }
  return { wanted: records.filter((one) => wanted.has(one)), failed }
}

/** Fails with `USAGE` and `NOT_FOUND`. */
function releasesNamed(registry: Registry, records: readonly ReleaseRecord[], name: string): ReleaseRecord[] {
  const tagged = records.filter(({ tag }) => tag === name)
  if (tagged.length > 0) return tagged
  const reference = parseReference(name)
  if (name === reference.model) {
    ledgerOf(registry, name)
    return records.filter(({ model }) => model === name)
  }
  const { release } = findRelease(registry, reference)
  return records.filter(({ model, version }) => model === release?.model && version === release.version)
}
