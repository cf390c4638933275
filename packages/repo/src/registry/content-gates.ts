import { type CallOptions, type ErrorDetail, isArtError } from '@art/core'
import { listed } from '@art/core/listed.ts'
import { missingInCache } from '@art/remote/transfer/missing.ts'
import type { RemoteState } from '@art/remote/transfer/inspect.ts'
import { cloudStates, lackOf } from '../exchange/cloud.ts'
import { type GateReport, unsafeContent } from '../model/gate.ts'
import { withRemoteContents } from '../model/remote.ts'
import { shellWord } from '../shell-word.ts'
import type { Artifact } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import { artifactStatus } from '../workspace/artifact-status.ts'
import type { Session } from '../workspace/session.ts'
import type { Reasons } from './git-gates.ts'

export interface ContentGateOptions extends CallOptions {
  /** Of art; by default the default one. */
  remote?: string | undefined
}

/**
 * What the content of an artifact says against releasing it: data that was not added since it changed, bytes that the remote lacks when it is asked
 * now, a remote that does not answer, pickles that run anything. Tells whether the remote answered, and whether the data is another than the
 * pointer's.
 */
export async function contentGates(
  session: Session,
  artifact: Artifact,
  reasons: Reasons,
  options: ContentGateOptions,
): Promise<{ answered: boolean; isModified: boolean }> {
  const here = typedPath(session.repo, artifact.path)
  const typed = shellWord(here)
  const { state, outdated } = await artifactStatus(session, artifact)
  const isModified = state === 'modified' && outdated !== true
  if (isModified) {
    const hint = `Run \`art add ${typed}\` and commit, or \`art checkout --force ${typed}\` to drop the change.`
    reasons.push({ path: here, message: 'the data has changed since its pointer was written', hint })
  }
  const remote = await remoteGate(session, artifact, typed, reasons, options)
  await safetyGate(session, artifact, typed, reasons, { ...options, held: remote === 'ok' })
  return { answered: remote !== undefined, isModified }
}

async function remoteGate(
  session: Session,
  artifact: Artifact,
  typed: string,
  reasons: Reasons,
  options: ContentGateOptions,
): Promise<RemoteState | undefined> {
  const { path } = artifact
  try {
    const state = (await cloudStates(session, [artifact], options)).get(path)
    if (state !== 'ok') {
      const where = options.remote === undefined ? '' : ` -r ${shellWord(options.remote)}`
      reasons.push({
        path: typedPath(session.repo, path),
        message: lackOf(state),
        hint: `Run \`art push${where} ${typed}\`.`,
      })
    }
    return state
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!isArtError(error)) throw error
    const none = error.code === 'REMOTE_UNKNOWN' && options.remote === undefined
    const detail: ErrorDetail = {
      path: error.path ?? options.remote ?? typedPath(session.repo, path),
      message: none
        ? 'there is no remote to hold the content'
        : `the remote could not be asked whether it has the content: ${error.message}`,
    }
    if (error.hint !== undefined) detail.hint = error.hint
    reasons.push(detail)
    return undefined
  }
}

/** In a command to copy. */
const NAMES_TYPED = 20

async function safetyGate(
  session: Session,
  { path, pointer }: Artifact,
  typed: string,
  reasons: Reasons,
  options: ContentGateOptions & { held: boolean },
): Promise<void> {
  const { unsafe, skipped } = await scanned(session, { path, pointer }, typed, reasons, options)
  for (const { path: place, imports } of unsafe) {
    const allowed = imports.length > NAMES_TYPED ? '<names>' : shellWord(imports.join(','))
    const hint = `Look at it with \`art scan ${typed}\`. Whoever trusts it runs \`art config --local check.allow_imports ${allowed}\`.`
    reasons.push({
      path: typedPath(session.repo, place),
      message: `loading it can run anything: it imports ${listed(imports)}`,
      hint,
    })
  }
  if (skipped === 0) return
  const message = `${skipped} files that could be pickles were not looked at: \`art scan ${typed}\` does`
  session.options.onEvent?.({ type: 'warning', message, path })
}

/** A content that is not here is read from the remote, as far as it can be code. */
async function scanned(
  session: Session,
  { path, pointer }: Pick<Artifact, 'path' | 'pointer'>,
  typed: string,
  reasons: Reasons,
  options: ContentGateOptions & { held: boolean },
): Promise<GateReport> {
  try {
    const { oid, kind, size, files } = pointer
    if (kind === 'd' && missingInCache({ oid, kind, size, files, path }, session.cache).length > 0) {
      const hint = `Run \`art fetch ${typed}\`.`
      reasons.push({
        path: typedPath(session.repo, path),
        message: 'not all of its files are on this machine, so they could not be scanned',
        hint,
      })
      return { unsafe: [], skipped: 0 }
    }
    return await withRemoteContents(session, options, async (remote) =>
      unsafeContent(session, pointer, path, options.held ? remote : undefined),
    )
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!isArtError(error)) throw error
    const hint = error.hint ?? `Run \`art scan ${typed}\`.`
    reasons.push({ path: error.path ?? path, message: `it could not be scanned: ${error.message}`, hint })
    return { unsafe: [], skipped: 0 }
  }
}
