import { isMeasured } from '@art/checkpoint/table/measured.ts'
import type { ShowOptions, ShowResult } from '../view-api.ts'
import { findModel } from '../model/find.ts'
import { lookAt } from '../model/look.ts'
import { withPlace } from '../model/place.ts'
import { shownOf } from '../model/shown.ts'

/**
 * Everything that is known of one model: a file anywhere, a folder that holds one, a pointer, a revision's. Reads tables and no payloads, but with
 * `stats`. Fails with `NOT_FOUND`, `UNSUPPORTED` for what is no model, `NOT_CACHED` where nothing is known here, `CORRUPT` for a damaged file.
 */
export async function show(name: string, options: ShowOptions): Promise<ShowResult> {
  return await withPlace(options, async (place) => {
    const model = await findModel(place.session, place.cwd, name, { rev: options.rev })
    const look = await lookAt(model, { ...place, stats: options.stats, remote: options.remote })
    if (options.stats === true && (look.table === undefined || !isMeasured(look.table))) {
      const message = `the content is not on this machine, and its tensor table has no statistics: \`${model.bring}\` brings it`
      place.onEvent?.({ type: 'warning', message, path: name })
    }
    const { here, from, size } = look
    const { path, pointer, release, differs } = model
    return {
      name,
      ...(path === undefined ? {} : { path }),
      ...(pointer === undefined ? {} : { oid: pointer.oid }),
      ...(release === undefined ? {} : { release }),
      ...(size === undefined ? {} : { size }),
      here,
      ...(differs && { differs }),
      ...(look.here || model.bring === undefined ? {} : { bring: model.bring }),
      from,
      ...shownOf(look),
    }
  })
}
