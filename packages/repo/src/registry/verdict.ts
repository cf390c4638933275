import { worse } from '@art/checkpoint/scan/report.ts'
import { scanFile } from '@art/checkpoint/scan/scan.ts'
import { type CallOptions, isArtError } from '@art/core'
import { listed } from '@art/core/listed.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { allowedImports } from '../model/allow.ts'
import { withRemoteContents } from '../model/remote.ts'
import { scanTargets } from '../model/scan-targets.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { parsePointer } from '@art/core/pointer/pointer.ts'
import type { Failure } from '../api.ts'
import { textAt } from './open.ts'
import type { JudgedRequirement } from '../stage-api.ts'
import type { Session } from '../workspace/session.ts'

/**
 * Is the content of a release `safe` to `art scan`? Its bytes are read, here or from the remote, and neither a pointer nor a table is believed. What cannot
 * be read is not safe.
 */
export async function verdictOf(
  session: Session,
  { commit, path, oid }: Pick<ReleaseRecord, 'commit' | 'path' | 'oid'>,
  options: CallOptions & { remote?: string },
): Promise<Omit<JudgedRequirement, 'requirement'>> {
  const { names: allow } = allowedImports(session.repo.config)
  try {
    const text = await textAt(session.repo, commit, pointerPathFor(path))
    const pointer = text === undefined ? undefined : await parsePointer(text, { path: pointerPathFor(path) })
    if (pointer?.oid !== oid) return { met: false, actual: 'its tag and the pointer in its commit are of other data' }
    return await withRemoteContents(session, options, async (remote) => {
      const failed: Failure[] = []
      const place = { session, remote, cwd: session.repo.root, failed }
      let verdict: 'safe' | 'unknown' | 'unsafe' = 'safe'
      const imports = new Set<string>()
      for await (const target of scanTargets(place, `${commit}:${path}`)) {
        options.signal?.throwIfAborted()
        const content = await target.open()
        try {
          const { source, openBeside } = content
          const report = await scanFile(source, { ...options, allow, ...(openBeside && { openBeside }) })
          verdict = worse(verdict, report.verdict)
          for (const found of report.imports) if (found.verdict !== 'safe') imports.add(`${found.module}.${found.name}`)
        } finally {
          await content.close()
        }
      }
      const [missing] = failed
      if (missing !== undefined) return { met: false, actual: `not all of it could be scanned: ${missing.message}` }
      return { met: verdict === 'safe', actual: actualOf(verdict, [...imports]) }
    })
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!isArtError(error)) throw error
    return { met: false, actual: `it could not be scanned: ${error.message}` }
  }
}

function actualOf(verdict: string, imports: readonly string[]): string {
  if (verdict === 'safe' || imports.length === 0) return `its verdict is ${verdict}`
  return `its verdict is ${verdict}: it imports ${listed(imports)}`
}
