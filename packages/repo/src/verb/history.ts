import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { stagesOf } from '@art/registry/tag/ledger.ts'
import { parseTagMessage, tagText } from '@art/registry/tag/message.ts'
import { type Move, movesOf } from '@art/registry/tag/moves.ts'
import { parseReference } from '@art/registry/tag/reference.ts'
import { formatMoment, parseMoment } from '@art/registry/time/moment.ts'
import { ArtError } from '@art/core'
import type { Repo } from '../open.ts'
import type { HistoryEvent, HistoryOptions, HistoryResult } from '../stage-api.ts'
import { exportsOf } from '../registry/exported.ts'
import { ledgerOf } from '../registry/find-release.ts'
import { warnOfMissingTags } from '../registry/known-tags.ts'
import { openRegistry } from '../registry/open.ts'
import { records } from '../registry/records.ts'

/** What happened to a model: its versions with their metrics, where its stages went, and what was exported of it. Fails with `NOT_FOUND` and `USAGE`. */
export async function history(repo: Repo, name: string, options: HistoryOptions = {}): Promise<HistoryResult> {
  const reference = parseReference(name)
  const { model } = reference
  if (reference.version !== undefined || reference.latest !== undefined || reference.stage !== undefined)
    throw new ArtError('USAGE', 'this names a version or a stage, and not a model', {
      path: name,
      hint: `Run \`art history ${model}\`.`,
    })
  const at = options.at === undefined ? undefined : parseMoment(options.at)
  const registry = await openRegistry(repo)
  await warnOfMissingTags(repo, registry, options, [model])
  const ledger = ledgerOf(registry, model)
  const { signal } = options
  const found = await records(repo, registry, { model, ...(at !== undefined && { at }), ...(signal && { signal }) })
  const byTag = new Map(found.map((record) => [record.tag, record]))
  const stages = [...stagesOf(ledger, at)].map(([stage, { version = null, tag }]) => ({
    stage,
    version,
    since: formatMoment(tag.date),
  }))
  return {
    name: model,
    metric: registry.models.get(model)?.metric ?? found.findLast(({ deciding }) => deciding)?.deciding?.name ?? null,
    stages: stages.sort((a, b) => (a.stage < b.stage ? -1 : 1)),
    events: merged(
      movesOf(ledger, at)
        .map((move) => eventOf(move, byTag.get(move.tag.name)))
        .reverse(),
      await exportsOf(repo, registry, { model, releases: found }, { at, signal }),
    ),
  }
}

/** What the tags tell stays in its own order, whatever a clock said. */
function merged(told: readonly HistoryEvent[], exported: readonly HistoryEvent[]): HistoryEvent[] {
  const events: HistoryEvent[] = []
  let next = 0
  for (const event of told) {
    while (next < exported.length && exported[next]!.date >= event.date) events.push(exported[next++]!)
    events.push(event)
  }
  return [...events, ...exported.slice(next)]
}

function eventOf(move: Move, record: ReleaseRecord | undefined): HistoryEvent {
  const { kind, tag } = move
  const text = tagText(tag.message)
  const forced = parseTagMessage(tag.message)?.forced
  const common = {
    kind,
    date: formatMoment(tag.date),
    by: tag.author,
    tag: tag.name,
    ...(text !== '' && { text }),
    ...(forced !== undefined && { forced }),
  }
  if (kind === 'deprecated') return common
  if ('stage' in move) {
    const { stage, version, commit, from = null, to = null } = move
    return { ...common, stage, ...(version === undefined ? { commit } : { version }), from, to }
  }
  if (record === undefined) return { ...common, version: move.version, commit: tag.commit }
  const { commit, oid, path, facts } = record
  return {
    ...common,
    version: move.version,
    metrics: facts.metrics,
    commit,
    oid,
    path,
    ...(record.status === 'archived' && { archived: true }),
  }
}
