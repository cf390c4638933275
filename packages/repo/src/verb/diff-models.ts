import { differenceBetween } from '../model/difference.ts'
import { findModel, type Model } from '../model/find.ts'
import { withPlace } from '../model/place.ts'
import type { LookOptions, ModelsDiffResult } from '../view-api.ts'

/** What changed from one model to another: files of any format, pointers, `rev:path`, in a repository or not. Fails as `show` does. */
export async function diffModels(from: string, to: string, options: LookOptions): Promise<ModelsDiffResult> {
  return await withPlace(options, async (place) => {
    // Whether a file is what its pointer says decides what is compared, and all of it is read anyway.
    const find = (name: string): Promise<Model> =>
      findModel(place.session, place.cwd, name, { readMax: Number.POSITIVE_INFINITY })
    const [before, after] = [await find(from), await find(to)]
    const difference = await differenceBetween(before, after, { ...place, remote: options.remote })
    const differs = [before, after].flatMap((one) => (one.differs ? [one.name] : []))
    const model = { ...difference, ...(differs.length > 0 && { differs }) }
    return { from, to, artifacts: [{ path: to, state: 'modified', previousPath: from, model }] }
  })
}
