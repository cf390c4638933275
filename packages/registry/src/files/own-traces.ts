import type { Version } from '../version/version.ts'
import { ifReadable } from './if-readable.ts'
import type { CurrentFiles } from './make-files.ts'
import { whoseEntry } from './match-entries.ts'
import { isOwnMetadata } from './metadata.ts'
import { parsePage } from './page-blocks.ts'
import { releaseName, releaseOfPath } from './place.ts'
import { parseRegistry } from './registry-json.ts'

interface ToldRelease {
  model: string
  version: Version
}

/** Releases that art has written of in the files, by their names. What cannot be read tells nothing. */
export async function releasesTold({ registry, page, metadata }: CurrentFiles): Promise<Map<string, ToldRelease>> {
  const told: ToldRelease[] = [
    ...(ifReadable(() => parseRegistry(registry ?? '{}').entries.flatMap((one) => whoseEntry(one) ?? [])) ?? []),
    ...(ifReadable(() => parsePage(page ?? '').blocks) ?? []),
  ]
  const known = new Map(told.map(({ model, version }) => [releaseName(model, version), { model, version }]))
  for (const [path, text] of metadata) {
    const of = releaseOfPath(path)
    if (of === undefined || known.has(releaseName(of.model, of.version)) || !(await isOwnMetadata(text, path))) continue
    known.set(releaseName(of.model, of.version), of)
  }
  return known
}
