import { ArtError } from '@art/core'
import { listed } from '@art/core/listed.ts'
import { assertName } from '@art/registry/tag/name.ts'
import {
  type Assignment,
  greatest,
  type ModelLedger,
  type Release,
  releasesOf,
  stagesOf,
} from '@art/registry/tag/ledger.ts'
import type { Reference } from '@art/registry/tag/reference.ts'
import { formatMoment } from '@art/registry/time/moment.ts'
import { closest } from '../config/suggest.ts'
import type { Registry } from './open.ts'

/** What a reference leads to: a version; by a stage also its assignment, which may be of a commit that has no version. */
export interface Found {
  ledger: ModelLedger
  release: Release | undefined
  assignment?: Assignment
}

/** The tags of a model. Fails with `NOT_FOUND`, and says which models there are. */
export function ledgerOf(registry: Registry, model: string): ModelLedger {
  const { ledger, models } = registry
  assertName(model, 'model')
  const found = ledger.get(model)
  if (found !== undefined) return found
  const near = closest(model, [...ledger.keys(), ...models.keys()])
  throw new ArtError('NOT_FOUND', `there is no version of ${JSON.stringify(model)}`, {
    path: model,
    hint: models.has(model)
      ? `Run \`art release ${model}\`${fetched(registry)}.`
      : near === undefined
        ? `${told('There are versions of', [...ledger.keys()]) ?? `Run \`art release ${model}\``}${fetched(registry, true)}.`
        : `Did you mean ${near}?`,
  })
}

function fetched({ mayLackTags, tagsFetch }: Registry, mayLack = mayLackTags): string {
  return mayLack && tagsFetch !== undefined ? `; tags may be missing here: \`${tagsFetch}\` brings them` : ''
}

/**
 * Follows a reference: to the version it names, to the one that holds its stage, or else to the highest; now or at a time, in milliseconds since
 * 1970. Fails with `NOT_FOUND` and a suggestion.
 */
export function findRelease(registry: Registry, reference: Reference, at?: number): Found {
  const { model, version, stage } = reference
  const ledger = ledgerOf(registry, model)
  const releases = releasesOf(ledger, at)
  if (stage !== undefined) {
    const assignment = holderOf(registry, ledger, stage, at)
    const release = releases.find((one) => one.version === assignment.version)
    return { ledger, assignment, release }
  }
  if (version === undefined) {
    const release = greatest(releases)
    if (release !== undefined) return { ledger, release }
    throw noneYet(ledger, at)
  }
  const release = releases.find((one) => one.version === version) ?? greatest(beginning(releases, version))
  if (release !== undefined) return { ledger, release }
  if (releases.length === 0) throw noneYet(ledger, at)
  const names = releases.map((one) => one.version)
  throw new ArtError('NOT_FOUND', `${model} has no version ${version}${moment(at)}`, {
    path: `${model}@v${version}`,
    hint: `${told(at === undefined ? 'It has' : 'It had', names.reverse())}${fetched(registry)}.`,
  })
}

/** `1.2` stands for the highest of its versions. */
function beginning(releases: readonly Release[], version: string): Release[] {
  return /^[0-9.]+$/.test(version) ? releases.filter((one) => one.version.startsWith(`${version}.`)) : []
}

/** Who holds a stage, or held it. Fails with `NOT_FOUND` where nobody did, and says which stages there are. */
export function holderOf(registry: Registry, ledger: ModelLedger, stage: string, at?: number): Assignment {
  assertName(stage, 'stage')
  const { model } = ledger
  const stages = stagesOf(ledger, at)
  const found = stages.get(stage)
  if (found !== undefined) return found
  const names = [...stages.keys()]
  const near = closest(stage, names)
  throw new ArtError('NOT_FOUND', `no version of ${model} ${at === undefined ? 'has' : 'had'} ${stage}${moment(at)}`, {
    path: `${model}#${stage}`,
    hint: near === undefined ? `${otherStages(model, stage, names, at)}${fetched(registry)}.` : `Did you mean ${near}?`,
  })
}

function otherStages(model: string, stage: string, names: readonly string[], at: number | undefined): string {
  if (at !== undefined) return `\`art history ${model}\` shows when it came and went`
  return told('Its stages are', names) ?? `\`art stage ${model} ${stage}\` gives it to the highest version`
}

function noneYet({ model, events }: ModelLedger, at: number | undefined): ArtError {
  const first = events.find(({ word }) => word.kind === 'version')?.tag.date
  return new ArtError('NOT_FOUND', `${model} ${at === undefined ? 'has' : 'had'} no version${moment(at)}`, {
    path: model,
    hint:
      at !== undefined && first !== undefined && first > at
        ? `Its first one came at ${formatMoment(first)}.`
        : `\`art history ${model}\` shows what became of them.`,
  })
}

function moment(at: number | undefined): string {
  return at === undefined ? '' : ` at ${formatMoment(at)}`
}

const SHOWN = 8

function told(what: string, names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `${what} ${listed(names, SHOWN)}`
}
