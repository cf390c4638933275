import { ArtError, type CallOptions } from '@art/core'
import { listed } from '@art/core/listed.ts'
import { type CurrentFiles, type MadeFile, makeFiles } from '@art/registry/files/make-files.ts'
import { MODELS_PAGE, REGISTRY_FILE, releaseName } from '@art/registry/files/place.ts'
import type { IsGone } from '@art/registry/files/render-registry.ts'
import { type Ledger, releasesOf } from '@art/registry/tag/ledger.ts'
import type { CommittedFile } from '../git/commit-files.ts'
import { isSameText } from '../git/same-text.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import { typedPath } from '../target/path.ts'
import { filesOfCommit, filesOfWorkspace, textInWorkspace } from './current-files.ts'
import type { Registry } from './open.ts'
import { records } from './records.ts'
import { tableFacts } from './table-facts.ts'

export interface RegenerateOptions extends CallOptions {
  /** The commit whose tree has the files as they are. */
  base: string
}

/**
 * What of `MODELS.md`, `models/registry.json` and `models/<name>_v<version>_metadata.yaml` must change against the tree of `base` so that they
 * agree with the ledger; empty where they do. What art wrote of a release stays while nothing but its tag is missing here: a clone need not have
 * all tags. Fails with `WOULD_OVERWRITE` where the working tree has changes of them that are not committed, with `PATH_UNSAFE` where a link stands
 * in place of one, and with `CONFIG_INVALID` where one cannot be read.
 */
export async function regenerate(
  repo: Repo,
  registry: Registry,
  { base, signal, onEvent }: RegenerateOptions,
): Promise<CommittedFile[]> {
  const current = await filesOfCommit(repo, base, signal)
  const all = await records(repo, registry, { signal })
  const made = await makeFiles(all, current, takenBack(registry.ledger), (record) => tableFacts(repo, record))
  const files = filesToCommit(repo, current, made)
  warnOfStatus(made, { onEvent })
  return files
}

/** Warns where a person had written what a release is, and no tag says so. */
export function warnOfStatus(made: readonly MadeFile[], { onEvent }: CallOptions): void {
  const kept = made.flatMap(({ problems }) => problems.flatMap(({ keep }) => (keep === undefined ? [] : `\`${keep}\``)))
  if (kept.length === 0) return
  const message = `${REGISTRY_FILE} tells a status that no tag does, and the tags count: to keep it, run ${listed(kept, SHOWN)}`
  onEvent?.({ type: 'warning', message })
}

const SHOWN = 5

/** Fails as `regenerate`. */
export function filesToCommit(repo: Repo, current: CurrentFiles, made: readonly MadeFile[]): CommittedFile[] {
  refuseUnreadable(made)
  for (const { path, text } of made) refuseUncommitted(repo, path, [textIn(current, path), text])
  return made.map(({ path, text }) => ({ path, text }))
}

/** Fails with `WOULD_OVERWRITE` where the workspace has files of releases otherwise than the commit, though nothing is to be written there. */
export async function refuseEdited(repo: Repo, current: CurrentFiles, made: readonly MadeFile[]): Promise<void> {
  const texts = new Map(made.map(({ path, text }) => [path, text]))
  const edited = await filesOfWorkspace(repo)
  for (const path of [REGISTRY_FILE, MODELS_PAGE, ...edited.metadata.keys()])
    refuseUncommitted(repo, path, [textIn(current, path), texts.get(path)])
}

/** Nothing is written where a file cannot be read: fails with `CONFIG_INVALID`. */
export function refuseUnreadable(made: readonly MadeFile[]): void {
  for (const { error } of made) if (error !== undefined) throw error
}

/** Versions whose registration was taken back by a tag, as GTO does it. */
export function takenBack(ledger: Ledger): IsGone {
  const gone = new Set<string>()
  for (const [model, one] of ledger) {
    for (const { word } of one.events)
      if (word.kind === 'version' && word.undone) gone.add(releaseName(model, word.version))
    for (const { version } of releasesOf(one)) gone.delete(releaseName(model, version))
  }
  return (model, version) => gone.has(releaseName(model, version))
}

/** What is there may be what the commit had, which comes first, or what is to be written already. git may have written other line ends. */
function refuseUncommitted(repo: Repo, path: string, expected: readonly (string | undefined)[]): void {
  const text = textInWorkspace(repo, path)
  if (text === undefined || expected.some((one) => isSameText(one, text))) return
  const isNew = expected[0] === undefined
  const typed = shellWord(typedPath(repo, path))
  const hint = isNew
    ? `Run \`git add ${typed}\` and \`git commit\`: then art adds to it. Or move it away.`
    : `Commit them, or restore it with \`git checkout -- ${typed}\`; \`art models --fix --no-commit\` corrects it as it is.`
  const message = isNew ? 'it is not committed' : 'it has changes that are not committed'
  throw new ArtError('WOULD_OVERWRITE', message, { path, hint })
}

function textIn({ registry, page, metadata }: CurrentFiles, path: string): string | undefined {
  return path === REGISTRY_FILE ? registry : path === MODELS_PAGE ? page : metadata.get(path)
}
