import { type CallOptions, isArtError } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { compareVersions } from '@art/registry/version/version.ts'
import { targetKey } from '@art/remote/transfer/target.ts'
import { pushWanted } from '../exchange/transfer.ts'
import { targetOf } from '../exchange/wanted.ts'
import { branchOrNone, headOf } from '../git/publish.ts'
import { nextPush } from '../git/push.ts'
import type { Repo } from '../open.ts'
import type { MlflowAdopted, MlflowPullOptions, MlflowPullResult } from '../mlflow-api.ts'
import { carryOut } from '../registry/carry-out.ts'
import { momentAfter } from '../registry/moment.ts'
import type { NamedModel } from '../registry/named-model.ts'
import { openRegistry } from '../registry/open.ts'
import { planRelease } from '../registry/plan-release.ts'
import { failureOf, readArtifact } from '../target/find.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'
import { adoptStages } from './adopt-stages.ts'
import { commitAdopted } from './commit-adopted.ts'
import { type KnownVersions, knownVersions } from './known-versions.ts'

/**
 * Makes releases of what was adopted, and of what an earlier pull has left without one: commits the pointers, sends the content, then makes a tag
 * for each version, the oldest first, and gives the stages. A version that is refused is in `failed` and does not hold up the others; what stands
 * is found by the next run.
 */
export async function releaseAdopted(repo: Repo, result: MlflowPullResult, options: MlflowPullOptions): Promise<void> {
  await withLock(repo, async () => {
    // Another pull may have made some of these releases since the first look.
    const wanted = unreleased(result.models, await knownVersions(repo))
    await withSession(repo, options, async (session) => {
      const refused = new Set<MlflowAdopted>()
      if (wanted.length > 0) {
        result.commit = await commitAdopted(repo, wanted)
        for (const one of await send(session, wanted, result, options)) refused.add(one)
      }
      const tags: string[] = []
      if (wanted.length > 0) options.onEvent?.({ type: 'phase', phase: 'release', files: wanted.length })
      for (const one of wanted) {
        options.signal?.throwIfAborted()
        if (refused.has(one)) continue
        try {
          const tag = await releaseOne(session, one, options)
          one.release = { tag, made: true }
          tags.push(tag)
        } catch (error) {
          options.signal?.throwIfAborted()
          result.failed.push(refusalOf(error, one))
        }
        options.onEvent?.({ type: 'progress', phase: 'release', files: 1 })
      }
      await adoptStages(repo, result, options)
      tags.push(...result.stages.map(({ tag }) => tag))
      const next = tags.length === 0 ? null : await nextPush(repo, await branchOrNone(repo), { tags, withBranch: true })
      result.next = next === null ? [] : [next.join(' ')]
    })
  })
}

/** Notes which have a release already. By model, the oldest version first. */
export function unreleased(models: readonly MlflowAdopted[], known: KnownVersions): MlflowAdopted[] {
  const order = [...new Set(models.map(({ model }) => model))]
  for (const one of models) {
    const tag = known.released.get(`${one.model}@${one.version}`)
    if (tag !== undefined) one.release = { tag, made: false }
  }
  return models
    .filter(({ state, release }) => state !== 'ours' && release === undefined)
    .sort((a, b) => order.indexOf(a.model) - order.indexOf(b.model) || compareVersions(a.version, b.version))
}

/** Sends what the remote lacks. Returns those that could not be sent. */
async function send(
  session: Session,
  wanted: readonly MlflowAdopted[],
  result: MlflowPullResult,
  { remote, signal, onEvent }: MlflowPullOptions,
): Promise<MlflowAdopted[]> {
  const { repo } = session
  const artifacts = await Promise.all(wanted.map(({ path }) => readArtifact(repo, pointerPathFor(path))))
  const targets = new Map(artifacts.map(({ pointer, path }) => [targetKey(pointer), targetOf(pointer, path)]))
  const transfer = { signal, onEvent, ...(remote !== undefined && { remote }) }
  const commits = [await headOf(repo)]
  const sent = await pushWanted(session, { targets: [...targets.values()], commits, failed: [] }, transfer)
  result.sent = { remote: sent.remote, bytes: sent.bytes.transferred }
  result.failed.push(...sent.failed)
  const lacking = sent.failed.map(({ path }) => artifacts.find((one) => isOf(path, one.path))?.pointer.oid)
  return wanted.filter((_, at) => lacking.includes(artifacts[at]!.pointer.oid))
}

function isOf(path: string, artifact: string): boolean {
  return path === artifact || path.startsWith(`${artifact}/`)
}

async function releaseOne(session: Session, one: MlflowAdopted, options: MlflowPullOptions): Promise<string> {
  const { repo } = session
  const { model, path, version } = one
  const registry = await openRegistry(repo)
  const entry = registry.models.get(model)
  // Of each version the tag tells the path.
  const named: NamedModel = { ...entry, name: model, path, assumed: entry === undefined }
  const moment = await momentAfter(repo, registry.ledger.get(model) ?? { model, events: [] })
  const [seconds, zone] = moment.stamp.split(' ') as [string, string]
  const tagger = { author: moment.author, seconds: Number(seconds), zone }
  const call = callOptions(options)
  const message = sourceOf(one)
  const asked = { ...call, message, allowEqual: true, ...(options.remote !== undefined && { remote: options.remote }) }
  const wanted = { version, bump: undefined }
  const { plan } = await planRelease(session, registry, named, wanted, asked, tagger)
  return (await carryOut(repo, plan, undefined, { ...call, message })).tag
}

function callOptions({ signal, onEvent }: CallOptions): CallOptions {
  return { ...(signal && { signal }), ...(onEvent && { onEvent }) }
}

function sourceOf({ registered, run }: MlflowAdopted): string {
  if (registered !== undefined) return `From MLflow: ${registered.model}, version ${registered.version}`
  return `From MLflow: run ${run?.id}${run?.name === undefined ? '' : ` (${run.name})`}`
}

/** With every reason, since no command was typed that could be repeated for one. */
function refusalOf(error: unknown, { model, version }: MlflowAdopted) {
  const failure = failureOf(error, `${model}@v${version}`)
  const reasons = isArtError(error) ? (error.details ?? []) : []
  if (reasons.length === 0) return failure
  const hint = reasons.find((reason) => reason.hint !== undefined)?.hint ?? failure.hint
  const message = `${failure.message}: ${reasons.map((reason) => reason.message).join('; ')}`
  return { ...failure, message, ...(hint !== undefined && { hint }) }
}
