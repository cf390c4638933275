import { releaseName } from './place.ts'
import type { ReleaseRecord } from './record.ts'
import { type FoundEntry, isOwnEntry } from './registry-json.ts'

/**
 * Which release an entry is of: by the tag; else by its id; else by its name or title, and version; else by a file that is called so, as in
 * `models/simple_cnn_v1.0.0.pth`. The first entry of a release is the one that counts.
 */
export function matchEntries(
  entries: readonly FoundEntry[],
  records: readonly ReleaseRecord[],
): Map<FoundEntry, ReleaseRecord> {
  const matched = new Map<FoundEntry, ReleaseRecord>()
  const open = new Set(records)
  for (const { ofRecord, ofEntry } of WAYS) {
    if (open.size === 0) break
    const byKey = new Map([...open].flatMap((record) => ofRecord(record).map((key) => [key, record])))
    for (const entry of entries) {
      const key = matched.has(entry) ? undefined : ofEntry(entry)
      const record = key === undefined ? undefined : byKey.get(key)
      if (record !== undefined && open.delete(record)) matched.set(entry, record)
    }
  }
  return matched
}

interface Way {
  ofRecord(record: ReleaseRecord): string[]
  ofEntry(entry: FoundEntry): string | undefined
}

const WAYS: readonly Way[] = [
  { ofRecord: ({ tag }) => [tag], ofEntry: (entry) => text(entry, 'tag') },
  {
    ofRecord: ({ model, version }) => [releaseName(model, version), `${model}_v${version}`, `${model}-v${version}`],
    ofEntry: (entry) => text(entry, 'id'),
  },
  {
    ofRecord: ({ model, version, entry: { title = model } }) => [`${model} ${version}`, `${title} ${version}`],
    ofEntry: (entry) => `${text(entry, 'name')} ${text(entry, 'version')?.replace(/^v/, '')}`,
  },
  {
    ofRecord: ({ model, version }) => [`${model}_v${version}`, `${model}-v${version}`],
    ofEntry: (entry) => /([^/]+)\.\w+$/.exec((text(entry, 'path') ?? '').slice(-300))?.[1],
  },
]

function text({ values }: FoundEntry, key: string): string | undefined {
  const value = values.get(key)
  return typeof value === 'string' ? value : undefined
}

/** Of an entry that art wrote. */
export function whoseEntry(entry: FoundEntry): { model: string; version: string } | undefined {
  const [model, version] = [text(entry, 'name'), text(entry, 'version')]
  return isOwnEntry(entry) && model !== undefined && version !== undefined ? { model, version } : undefined
}
