import { listed } from '@art/core/listed.ts'
import { metadataPath, releaseOfPath } from '@art/registry/files/place.ts'
import { filesAt } from '../git/files-at.ts'
import type { RemoteRefs } from '../git/push.ts'
import { items, runGit } from '../git/run.ts'
import { tagsFetch } from '../git/state.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import type { Reasons } from './git-gates.ts'
import type { Registry } from './open.ts'

const SHOWN = 8

/** Tags of versions that a git remote has and that are not here, by version. */
export function versionsOnlyThere(registry: Registry, model: string, tags: Iterable<string>): Map<string, string> {
  const format = registry.formatOf(model)
  const known = new Set(registry.ledger.get(model)?.events.map(({ tag }) => tag.name))
  const found = new Map<string, string>()
  for (const name of tags) {
    const word = known.has(name) ? undefined : format.parse(name)
    if (word?.kind === 'version' && word.model === model) found.set(word.version, name)
  }
  return found
}

/**
 * What a clone of a git remote would lack, of any model, since the branch tells of all of them, and the command that sends it; undefined where the
 * remote has all tags.
 */
export function unsentTags(
  { ledger }: Registry,
  { remote, refs }: { remote: string; refs: RemoteRefs },
): string | undefined {
  const tags = [...ledger.values()].flatMap(({ events }) => events.map(({ tag }) => tag.name))
  const names = [...new Set(tags)].filter((name) => !refs.tags.has(name))
  if (names.length === 0) return undefined
  return `${remote} lacks ${listed(names, SHOWN)}: \`git push ${remote} ${names.map(shellWord).join(' ')}\` sends what was made before`
}

/** A clone without tags would begin to count anew: what art wrote of releases that have no tag here is against one. */
export async function missedTagsGate(
  repo: Repo,
  registry: Registry,
  model: string,
  head: string,
  reasons: Reasons,
): Promise<void> {
  const known = new Set(
    registry.ledger.get(model)?.events.flatMap(({ word }) => (word.kind === 'version' ? [word.version] : [])),
  )
  const there = items(await runGit(repo, ['ls-tree', '-z', '--name-only', head, 'models/']))
  const unknown = there.flatMap((path) => {
    const told = releaseOfPath(path)
    return told?.model === model && !known.has(told.version) ? [{ path, commit: head, version: told.version }] : []
  })
  const texts = await filesAt(repo, unknown)
  // Files that people wrote by hand tell of versions that never had a tag.
  const missed = unknown.filter((_, at) => /^oid: /m.test(texts[at] ?? '')).map(({ version }) => version)
  if (missed.length === 0) return
  reasons.push({
    path: metadataPath(model, missed[0]!),
    message: `the files tell of ${missed.join(', ')}, of which there is no tag here`,
    hint: `Run \`${tagsFetch(repo)}\`.`,
  })
}
