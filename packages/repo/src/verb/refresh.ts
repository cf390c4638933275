import { ArtError } from '@art/core'
import type { AddOptions, AddResult } from '../api.ts'
import { stageForUser } from '../git/staging.ts'
import { isCurrent } from '../model/read-block.ts'
import type { Repo } from '../open.ts'
import { failuresOf } from '../target/find.ts'
import { resolveTargets } from '../target/resolve.ts'
import { withLock } from '../workspace/lock.ts'
import { withSession } from '../workspace/session.ts'

/**
 * Reads models that are here anew, and writes what they say into their pointers; nothing else of these changes. Without names: those whose
 * pointers say nothing, or what an older reader said. Fails with `USAGE` where the configuration wants nothing to be read.
 */
export async function refresh(repo: Repo, names: readonly string[], options: AddOptions = {}): Promise<AddResult> {
  if (!repo.config.get('models.facts')) {
    throw new ArtError('USAGE', 'models.facts is off, so nothing is read of models', {
      path: 'models.facts',
      hint: 'Run `art config models.facts on` first.',
    })
  }
  return await withLock(repo, () =>
    withSession(repo, options, async (session) => {
      const { targets, failed } = await resolveTargets(repo, names)
      const artifacts = [...new Map(targets.map(({ artifact }) => [artifact.path, artifact])).values()]
      const wanted = artifacts.filter(({ pointer }) => names.length > 0 || !isCurrent(pointer.checkpoint))
      const result: AddResult = { added: [], failed, gitPaths: [], staged: false }
      if (wanted.length === 0) return result
      const { refreshPointers } = await import('../model/refresh-pointers.ts')
      options.onEvent?.({ type: 'phase', phase: 'check' })
      const { refreshed, failures, touched } = await refreshPointers(session, wanted, options)
      for (const { error, path } of failures) failed.push(...failuresOf(repo, error, path))
      session.files.save()
      return { ...result, added: refreshed, ...(await stageForUser(repo, touched)) }
    }),
  )
}
