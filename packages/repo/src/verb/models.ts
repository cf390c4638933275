import { ArtError } from '@art/core'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { greatest, releasesOf, stagesOf } from '@art/registry/tag/ledger.ts'
import { closest } from '../config/suggest.ts'
import type { Repo } from '../open.ts'
import { warnOfMissingTags } from '../registry/known-tags.ts'
import { openRegistry, type Registry } from '../registry/open.ts'
import { describe, draftReleases } from '../registry/records.ts'
import type { ListedModel, ModelsOptions, ModelsResult } from '../registry-api.ts'

/** The models of `models.yaml` and those of tags, by name. Fails with `GIT` without git, and with `NOT_FOUND` for a name that none has. */
export async function models(repo: Repo, options: ModelsOptions = {}): Promise<ModelsResult> {
  const { names, signal } = options
  const registry = await openRegistry(repo)
  await warnOfMissingTags(repo, registry, options, names)
  // Lightweight tags that look like a stage's are of no model.
  const tagged = [...registry.ledger.values()].filter(({ events }) => events.length > 0).map(({ model }) => model)
  const known = [...new Set([...registry.models.keys(), ...tagged])].sort()
  const wanted = names === undefined ? known : names.map((name) => knownName(name, known))
  const latest = wanted.flatMap((name) => {
    const ledger = registry.ledger.get(name)
    return (ledger && greatest(releasesOf(ledger))) ?? []
  })
  const { records, undescribed } = describe(await draftReleases(repo, registry, latest, signal), registry)
  const byName = new Map(records.map((record) => [record.model, record]))
  return {
    models: wanted.map((name) => listed(name, registry, byName.get(name))),
    undescribed: undescribed.map(({ tag }) => tag),
  }
}

function knownName(name: string, known: readonly string[]): string {
  if (known.includes(name)) return name
  const near = closest(name, known)
  throw new ArtError('NOT_FOUND', 'no model has this name', {
    path: name,
    hint: near === undefined ? '`art models` lists them; `art models init` finds them.' : `Did you mean ${near}?`,
  })
}

function listed(name: string, { ledger, models: described }: Registry, record: ReleaseRecord | undefined): ListedModel {
  const [entry, own] = [described.get(name), ledger.get(name)]
  const releases = own === undefined ? [] : releasesOf(own)
  const archived = releases.filter(({ version }) => entry?.archived?.includes(version)).length
  const holders = own === undefined ? [] : [...stagesOf(own)]
  const stages = holders.flatMap(([stage, { version }]): [string, string][] =>
    version === undefined ? [] : [[stage, version]],
  )
  return {
    name,
    ...(entry?.title !== undefined && { title: entry.title }),
    path: entry?.path ?? record?.path ?? null,
    latest: greatest(releases)?.version ?? null,
    ...(record !== undefined && { created: record.created }),
    versions: releases.length,
    ...(archived > 0 && { archived }),
    stages: Object.fromEntries(stages),
    ...(record !== undefined && { status: record.status, oid: record.oid }),
    ...(record?.deciding !== undefined && { metric: record.deciding }),
  }
}
