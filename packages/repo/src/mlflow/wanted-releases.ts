import { ArtError } from '@art/core'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { compareVersions, isPrerelease, parseVersion } from '@art/registry/version/version.ts'
import type { Failure } from '../api.ts'

/** What names such as `resnet`, `resnet@v1.2.0`, `resnet@latest` and `resnet#production` stand for, in the order of `records`; all where nothing is named. */
export function wantedReleases(
  records: readonly ReleaseRecord[],
  names: readonly string[],
): { wanted: ReleaseRecord[]; failed: Failure[] } {
  if (names.length === 0) return { wanted: [...records], failed: [] }
  const wanted = new Set<ReleaseRecord>()
  const failed: Failure[] = []
  for (const name of names) {
    const found = releasesNamed(records, name)
    for (const one of found) wanted.add(one)
    if (found.length > 0) continue
    const models = [...new Set(records.map(({ model }) => model))]
    const hint =
      models.length === 0
        ? 'Make a release first: `art release <name>`.'
        : `There are releases of ${models.slice(0, 10).join(', ')}; \`art models\` lists them.`
    const { code, message } = new ArtError('NOT_FOUND', 'no release has this name')
    failed.push({ path: name, code, message, hint })
  }
  return { wanted: records.filter((one) => wanted.has(one)), failed }
}

function releasesNamed(records: readonly ReleaseRecord[], name: string): ReleaseRecord[] {
  const { model, stage, version } =
    /^(?<model>[^@#]+)(?:#(?<stage>[^@#]+)|@(?<version>[^#]+))?$/.exec(name)?.groups ?? {}
  const own = records.filter((record) => record.model === model)
  if (stage !== undefined) return own.filter(({ stages }) => stages.includes(stage))
  if (version === undefined) return own
  if (version !== 'latest' && version !== 'greatest') {
    return own.filter((record) => record.version === parseVersion(version) || record.tag === name)
  }
  const sorted = [...own].sort((a, b) =>
    version === 'latest' ? Date.parse(a.created) - Date.parse(b.created) : compareVersions(a.version, b.version),
  )
  const last = sorted.findLast((record) => !isPrerelease(record.version)) ?? sorted.at(-1)
  return last === undefined ? [] : [last]
}
