import { parsePointer } from '@art/core/pointer/pointer.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { assignmentsOf, type Release, releasesOf } from '@art/registry/tag/ledger.ts'
import { parseTagMessage } from '@art/registry/tag/message.ts'
import type { Hold } from '@art/registry/prune/select.ts'
import { pointersAt } from '../git/history.ts'
import type { Repo } from '../open.ts'
import type { Registry } from '../registry/open.ts'
import type { Artifact } from '../target/find.ts'

/** Why tags and `models.yaml` want an artifact to stay: by its content, whatever it is called now, or by its path. */
export type TagHolds = (artifact: Artifact) => Hold[]

/**
 * What is released or has a stage. Where a tag does not say what it is of, the path that `models.yaml` has for the model counts, as the tag's commit has it; and
 * where that is not there everything that the commit has.
 */
export async function tagHolds(repo: Repo, { ledger, models }: Registry): Promise<TagHolds> {
  const contents = new Map<string, Hold[]>()
  const paths = new Map<string, Hold[]>()
  const add = (map: Map<string, Hold[]>, key: string, hold: Hold): void => {
    const known = map.get(key)
    if (known === undefined) map.set(key, [hold])
    else if (!known.some(({ by, detail }) => by === hold.by && detail === hold.detail)) known.push(hold)
  }
  for (const { name, path } of models.values()) add(paths, path, { by: 'named', detail: name })
  const contentsAt = reader(repo)
  for (const [model, own] of ledger) {
    const holdRelease = async (
      { commit, tag }: Pick<Release, 'commit' | 'tag'>,
      hold: Hold,
      of = tag,
    ): Promise<void> => {
      const { oid, kind = 'f', path } = parseTagMessage(of.message) ?? {}
      if (path !== undefined) add(paths, path, hold)
      if (oid !== undefined) return add(contents, `${kind}-${oid}`, hold)
      for (const content of await contentsAt(commit, path ?? models.get(model)?.path)) add(contents, content, hold)
    }
    const releases = releasesOf(own)
    for (const release of releases) await holdRelease(release, { by: 'released', detail: release.tag.name })
    for (const assignments of assignmentsOf(own).values()) {
      for (const [i, { stage, version, commit, tag }] of assignments.entries()) {
        const release = releases.find((one) => one.version === version)
        // Those before the last one are there to go back to.
        if (i < assignments.length - 1 && release !== undefined) continue
        await holdRelease({ commit, tag }, { by: 'staged', detail: `${model}#${stage}` }, release?.tag)
      }
    }
  }
  return ({ path, pointer: { kind, oid } }) => [...(contents.get(`${kind}-${oid}`) ?? []), ...(paths.get(path) ?? [])]
}

/** Contents of a commit: of one path, or of all where that has no pointer there. Each commit is read once. */
function reader(repo: Repo): (commit: string, path: string | undefined) => Promise<string[]> {
  const known = new Map<string, Promise<Map<string, string>>>()
  const read = async (commit: string): Promise<Map<string, string>> => {
    const found = new Map<string, string>()
    for (const { path, text } of await pointersAt(repo, commit)) {
      const pointer = await parsePointer(text, { path }).catch(() => undefined)
      if (pointer !== undefined) found.set(path, `${pointer.kind}-${pointer.oid}`)
    }
    return found
  }
  return async (commit, path) => {
    const reading = known.get(commit) ?? read(commit)
    known.set(commit, reading)
    const all = await reading
    const own = path === undefined ? undefined : all.get(pointerPathFor(path))
    return own === undefined ? [...all.values()] : [own]
  }
}
