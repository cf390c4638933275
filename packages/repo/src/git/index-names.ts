import { relative, sep } from 'node:path'
import { isPointerPath } from '@art/core/pointer/name.ts'
import type { Repo } from '../open.ts'
import { indexFile, visitIndex } from './index-file.ts'

/** Root-relative paths of the pointers that git's index names. undefined without git, or where only git can tell. */
export function trackedPointers(repo: Repo): Set<string> | undefined {
  const { gitDir, gitRoot, root, environment } = repo
  if (gitDir === undefined || gitRoot === undefined) return undefined
  const below = relative(gitRoot, root).split(sep).join('/')
  const prefix = below === '' ? '' : `${below}/`
  const names = new Set<string>()
  const isRead = visitIndex(gitDir, indexFile(gitDir, environment), ({ name }) => {
    if (isPointerPath(name) && name.startsWith(prefix)) names.add(name.slice(prefix.length))
    return true
  })
  return isRead ? names : undefined
}
