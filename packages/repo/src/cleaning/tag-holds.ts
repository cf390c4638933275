import { parsePointer } from '@art/core/pointer/pointer.ts'
import { assignmentsOf, type Release, releasesOf } from '@art/registry/tag/ledger.ts'
import { isOwnEntry, parseRegistry } from '@art/registry/files/registry-json.ts'
import type { Hold } from '@art/registry/prune/select.ts'
import { targetKey } from '@art/remote/transfer/target.ts'
import { pointersAt } from '../git/history.ts'
import type { Repo } from '../open.ts'
import { filesOfWorkspace } from '../registry/current-files.ts'
import type { Registry } from '../registry/open.ts'
import { draftReleases } from '../registry/records.ts'
import type { Artifact } from '../target/find.ts'

/** Why tags and `models.yaml` want an artifact to stay: by its content, whatever it is called now, or by its path. */
export type TagHolds = (artifact: Artifact) => Hold[]

/**
 * What is released or has a stage, by tags, and by `models/registry.json`, since a clone may lack the tags. Where neither a tag nor the files of its commit say what it is of, everything that the commit
 * has is held.
 */
export async function tagHolds(repo: Repo, registry: Registry): Promise<TagHolds> {
  const { ledger, models } = registry
  // By what they are of, each once.
  const contents = new Map<string, Map<string, Hold>>()
  const paths: typeof contents = new Map()
  const add = (map: typeof contents, key: string, hold: Hold): void => {
    const known = map.get(key) ?? new Map<string, Hold>()
    map.set(key, known.set(`${hold.by} ${hold.detail}`, hold))
  }
  for (const { name, path } of models.values()) add(paths, path, { by: 'named', detail: name })
  const wanted: { release: Release; hold: Hold }[] = []
  for (const [model, own] of ledger) {
    const releases = releasesOf(own)
    for (const release of releases) wanted.push({ release, hold: { by: 'released', detail: release.tag.name } })
    for (const assignments of assignmentsOf(own).values()) {
      for (const [i, { stage, version = '', commit, tag }] of assignments.entries()) {
        const known = releases.find((one) => one.version === version)
        // Those before the last one are there to go back to.
        if (i < assignments.length - 1 && known !== undefined) continue
        const release = known ?? { model, version, commit, tag }
        wanted.push({ release, hold: { by: 'staged', detail: `${model}#${stage}` } })
      }
    }
  }
  const drafts = await draftReleases(
    repo,
    registry,
    wanted.map(({ release }) => release),
    undefined,
  )
  const read = new Map<string, Promise<string[]>>()
  const everythingAt = (commit: string): Promise<string[]> => {
    const reading = read.get(commit) ?? contentsAt(repo, commit)
    read.set(commit, reading)
    return reading
  }
  for (const [i, { told, path, pointer, release }] of drafts.entries()) {
    const { hold } = wanted[i]!
    if (path !== undefined) add(paths, path, hold)
    const known = told.oid === undefined ? pointer?.pointer : { kind: told.kind ?? 'f', oid: told.oid }
    if (known !== undefined) add(contents, targetKey(known), hold)
    else for (const content of await everythingAt(release.commit)) add(contents, content, hold)
  }
  for (const [content, tag] of await listedReleases(repo)) add(contents, content, { by: 'released', detail: tag })
  return ({ path, pointer }) => [
    ...new Map([...(contents.get(targetKey(pointer)) ?? []), ...(paths.get(path) ?? [])]).values(),
  ]
}

/** Content and tag of each entry that art wrote. Fails with `CONFIG_INVALID`, and `PATH_UNSAFE` for a link. */
async function listedReleases(repo: Repo): Promise<[content: string, tag: string][]> {
  const { registry = '{}' } = await filesOfWorkspace(repo, () => false)
  const entries = parseRegistry(registry).entries.filter(isOwnEntry)
  return entries.map(({ values }) => [
    targetKey({
      kind: values.get('kind') === 'directory' ? 'd' : 'f',
      oid: String(values.get('oid')).slice('sha256:'.length),
    }),
    String(values.get('tag')),
  ])
}

/** Every content of a commit. */
async function contentsAt(repo: Repo, commit: string): Promise<string[]> {
  const contents: string[] = []
  for (const { path, text } of await pointersAt(repo, commit)) {
    const pointer = await parsePointer(text, { path }).catch(() => undefined)
    if (pointer !== undefined) contents.push(targetKey(pointer))
  }
  return contents
}
