import { ArtError, type CallOptions } from '@art/core'
import { listed } from '@art/core/listed.ts'
import type { CurrentFiles } from '@art/registry/files/make-files.ts'
import { releasesTold } from '@art/registry/files/own-traces.ts'
import { releaseName, releaseOfPath } from '@art/registry/files/place.ts'
import { isShallow, tagsFetch } from '../git/state.ts'
import type { Repo } from '../open.ts'
import { filesOfWorkspace } from './current-files.ts'
import type { Registry } from './open.ts'

/**
 * Tags cannot be compared with files in a clone that may lack some. Fails with `GIT` in a shallow clone, and where files tell of releases while
 * there is no tag of one.
 */
export async function requireTags(
  repo: Repo,
  { ledger, models, mayLackTags }: Registry,
  files: CurrentFiles,
): Promise<void> {
  if (!mayLackTags) return
  const isTold = (await releasesTold(files)).size > 0
  if (isShallow(repo) && (isTold || ledger.size > 0 || models.size > 0)) {
    throw new ArtError('GIT', 'this is a shallow clone, which cannot tell which tags HEAD reaches', {
      path: repo.root,
      hint: `Run \`${tagsFetch(repo)}\`; in CI, let the checkout fetch all history and tags.`,
    })
  }
  if (isTold && ledger.size === 0) {
    throw new ArtError('GIT', 'files tell of releases, and this clone has no tags', {
      path: repo.root,
      hint: `Run \`${tagsFetch(repo)}\`; in CI, let the checkout fetch tags.`,
    })
  }
}

/** Warns where files of the workspace tell of releases, of these models or of any, of which there is no tag here. */
export async function warnOfMissingTags(
  repo: Repo,
  { ledger }: Registry,
  { onEvent }: CallOptions,
  wanted?: readonly string[],
): Promise<void> {
  if (onEvent === undefined) return
  const here = new Set(
    [...ledger].flatMap(([model, { events }]) =>
      events.flatMap(({ word }) => (word.kind === 'version' ? [releaseName(model, word.version)] : [])),
    ),
  )
  const isMissing = ({ model, version }: { model: string; version: string }): boolean =>
    !here.has(releaseName(model, version)) && wanted?.includes(model) !== false
  // There may be thousands of metadata files, nearly all of them of releases that have a tag.
  const mayTell = (path: string): boolean => {
    const release = releaseOfPath(path)
    return release !== undefined && isMissing(release)
  }
  // What cannot be read is no matter of who only wants to look.
  const files = await filesOfWorkspace(repo, mayTell).catch(() => undefined)
  const told = files === undefined ? [] : [...(await releasesTold(files))]
  const missing = told.flatMap(([name, release]) => (isMissing(release) ? [name] : []))
  if (missing.length === 0) return
  const names = listed(missing, SHOWN)
  const message = `the files tell of ${names}, of which there is no tag here: \`${tagsFetch(repo)}\` brings what was pushed`
  onEvent({ type: 'warning', message })
}

const SHOWN = 3
