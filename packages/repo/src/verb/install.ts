import { mkdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fromSystemError } from '@art/core'
import type { InstallOptions, InstallResult } from '../api.ts'
import { ensureAttributes } from '../git/attributes.ts'
import { setTextconv } from '../git/textconv-driver.ts'
import { installHook, removeHook } from '../hook/file.ts'
import { HOOKS, type HookName } from '../hook/names.ts'
import { hookPlace } from '../hook/place.ts'
import type { HookScript } from '../hook/script.ts'
import type { Repo } from '../open.ts'

/**
 * Puts art's git hooks where git looks for them and makes git's diffs show what pointers say, or with `remove` restores what was there. Doing it
 * twice changes nothing.
 */
export async function install(repo: Repo, options: InstallOptions = {}): Promise<InstallResult> {
  const { folder, husky, shared } = await hookPlace(repo)
  const root =
    relative(repo.gitRoot ?? repo.root, repo.root)
      .split(sep)
      .join('/') || '.'
  const result: InstallResult = { hooksPath: folder, installed: [], chained: [], removed: [], gitPaths: [] }
  // A path of this machine means nothing on the others.
  const program = shared ? undefined : options.program
  const scriptOf = (hook: HookName): HookScript => ({ hook, roots: [root], program, husky })
  try {
    if (!options.remove) mkdirSync(folder, { recursive: true })
    for (const hook of HOOKS) {
      const path = join(folder, hook)
      if (options.remove) {
        if (removeHook(path, scriptOf(hook))) result.removed.push(hook)
        continue
      }
      if (installHook(path, scriptOf(hook)).chained) result.chained.push(hook)
      result.installed.push(hook)
    }
  } catch (error) {
    throw fromSystemError(error, folder)
  }
  await setTextconv(repo, options.remove === true)
  if (!options.remove && ensureAttributes(join(repo.root, '.gitattributes'))) result.gitPaths.push('.gitattributes')
  return result
}
