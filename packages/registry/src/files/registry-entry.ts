import { accuracyOf } from './accuracy.ts'
import { metadataPath, releaseName } from './place.ts'
import type { ReleaseRecord } from './record.ts'
import { textOf } from './training.ts'

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** What `models/registry.json` says of a release, in the order in which it does: docs/formats.md. */
export function registryEntry(record: ReleaseRecord): Map<string, Json> {
  const { entry, facts, deciding } = record
  const accuracy = accuracyOf(record)?.value
  const all: [string, Json | undefined][] = [
    ['id', releaseName(record.model, record.version)],
    ['name', record.model],
    ['version', record.version],
    ['title', entry.title],
    ['path', record.path],
    ['accuracy', typeof accuracy === 'number' ? accuracy : null],
    ['created', record.created],
    ['status', record.status],
    ['stages', record.stages],
    ['dataset', entry.dataset ?? textOf(record, ['dataset', 'dataset_name'])],
    ['task', entry.task ?? textOf(record, ['task'])],
    ['metric', deciding && { name: deciding.name, value: deciding.value, direction: deciding.direction }],
    ['metrics', facts.metrics],
    ['parameters', facts.parameters],
    ['metadata', metadataPath(record.model, record.version)],
    ['tag', record.tag],
    ['git_commit', record.commit],
    ['kind', record.kind === 'd' ? 'directory' : undefined],
    ['oid', `sha256:${record.oid}`],
    ['weights', record.weights],
    ['size', record.size],
  ]
  return new Map(all.filter((pair): pair is [string, Json] => pair[1] !== undefined))
}
