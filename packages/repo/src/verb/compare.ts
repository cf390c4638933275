import type { CheckpointFacts, Failure, GivenFacts } from '../api.ts'
import { givenFacts, withGiven } from '../model/given-facts.ts'
import { type LookPlace, withPlace } from '../model/place.ts'
import { defined } from '../model/plain.ts'
import { pointedModels, type Pointed } from '../model/pointed.ts'
import { differingKeys, orderOf, ranked } from '../model/ranking.ts'
import { readBlock } from '../model/read-block.ts'
import { failureOf } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import type { ComparedModel, CompareOptions, CompareResult } from '../view-api.ts'

/**
 * Models side by side, the best first. Of artifacts their pointers are read and nothing else; files that art does not track, and artifacts named by
 * themselves whose pointers tell nothing, are looked at. What cannot be found or read is in `failed`. Fails with `USAGE` for an unknown metric.
 */
export async function compare(names: readonly string[], options: CompareOptions): Promise<CompareResult> {
  return await withPlace(options, async (place) => {
    const { found, failed } = await pointedModels(place, names, options.rev)
    const models: ComparedModel[] = []
    let others = 0
    for (const pointed of found) {
      place.signal?.throwIfAborted()
      const model = await comparedOf(pointed, { ...place, remote: options.remote }, failed)
      if (model === undefined) others++
      else models.push(model)
    }
    const order = orderOf(models, options.by, options.direction)
    return { models: ranked(models, order), ...order, differing: differingKeys(models), others, failed }
  })
}

async function comparedOf(
  { path, rev, release, named, pointer, model, tracked }: Pointed,
  place: LookPlace,
  failed: Failure[],
): Promise<ComparedModel | undefined> {
  const { session } = place
  const typed = session === undefined || !tracked ? path : typedPath(session.repo, path)
  const name = release ?? (rev === undefined ? typed : `${rev}:${typed}`)
  const about = { name, path: typed, ...defined({ rev, oid: pointer?.oid, release: model.release }) }
  const said = pointer === undefined ? undefined : givenFacts(pointer)
  if (pointer !== undefined && (pointer.checkpoint !== undefined || pointer.metrics !== undefined)) {
    const block = readBlock(pointer.checkpoint ?? new Map())
    const { facts } = block
    const untold = block.untold + said!.untold
    const message = `its pointer has more figures than art writes: ${untold} are left out`
    if (untold > 0) place.onEvent?.({ type: 'warning', message, path: name })
    const figures = figuresOf(facts)
    return { ...about, ...figures, ...metricsOf(figures.metrics, said!.facts), size: pointer.size }
  }
  if (!named) return undefined
  try {
    const [{ lookAt }, { shownOf }] = [await import('../model/look.ts'), await import('../model/shown.ts')]
    const look = await lookAt(model, place)
    const { epoch, step, metrics, config, format, parameters, weights, given } = shownOf(look)
    const known = { format: format ?? undefined, parameters: parameters ?? undefined, weights: weights ?? undefined }
    return {
      ...about,
      epoch: epoch ?? null,
      ...metricsOf(metrics, given),
      config,
      ...defined({ step, ...known, size: look.size }),
    }
  } catch (error) {
    place.signal?.throwIfAborted()
    failed.push(failureOf(error, name))
    return undefined
  }
}

function metricsOf(
  metrics: ComparedModel['metrics'],
  given: GivenFacts | undefined,
): Pick<ComparedModel, 'metrics' | 'given'> {
  const names = Object.keys(given?.metrics ?? {})
  return { metrics: withGiven(metrics, given), ...(names.length === 0 ? {} : { given: names }) }
}

function figuresOf(facts: CheckpointFacts): Pick<ComparedModel, 'epoch' | 'metrics' | 'config'> {
  const { epoch, metrics, config, step, format, parameters, weights } = facts
  return { epoch: epoch ?? null, metrics, config, ...defined({ step, format, parameters, weights }) }
}
