import type { CallOptions } from '@art/core'
import { headCommit } from '../git/history.ts'
import type { Repo } from '../open.ts'
import { agreement } from '../registry/agreement.ts'
import { filesOfWorkspace } from '../registry/current-files.ts'
import { requireTags } from '../registry/known-tags.ts'
import { openRegistry } from '../registry/open.ts'
import type { ModelsCheckResult } from '../registry-api.ts'

/**
 * Do the files of the workspace say what the tags do? Fails with `GIT` where tags may be missing, and with `PATH_UNSAFE` where a link stands in place
 * of a file.
 */
export async function checkModels(repo: Repo, options: CallOptions = {}): Promise<ModelsCheckResult> {
  const registry = await openRegistry(repo)
  const files = await filesOfWorkspace(repo)
  await requireTags(repo, registry, files)
  if ((await headCommit(repo)) === undefined)
    return { ok: true, releases: 0, disagreements: [], behind: [], undescribed: [] }
  return await agreement(repo, registry, files, options)
}
