import { differenceBetween } from '../model/difference.ts'
import { findModel } from '../model/find.ts'
import { withPlace } from '../model/place.ts'
import type { LookOptions, ModelsDiffResult } from '../view-api.ts'

/** What changed from one model to another: files of any format, pointers, `rev:path`, in a repository or not. Fails as `show` does. */
export async function diffModels(from: string, to: string, options: LookOptions): Promise<ModelsDiffResult> {
  return await withPlace(options, async (place) => {
    const before = await findModel(place.session, place.cwd, from)
    const after = await findModel(place.session, place.cwd, to)
    const model = await differenceBetween(before, after, { ...place, remote: options.remote })
    return { from, to, artifacts: [{ path: to, state: 'modified', previousPath: from, model }] }
  })
}
