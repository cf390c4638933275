import { dirname } from 'node:path'
import { ArtError } from '@art/core'
import { makeFolder } from '@art/core/fs/whole.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { CheckoutResult } from '../api.ts'
import { fetchWanted } from '../exchange/transfer.ts'
import { wantedTargets } from '../exchange/wanted.ts'
import type { PulledWeights, PullWeightsOptions, PullWeightsResult } from '../model-api.ts'
import type { Content } from '../model/content.ts'
import { gitIgnores } from '../model/ignored.ts'
import { noWeights, type OpenWeights, openWeights } from '../model/open-weights.ts'
import { isAboutRemote, type RemoteContents, withRemoteContents } from '../model/remote.ts'
import { saveWeights } from '../model/save-weights.ts'
import { modelSettings } from '../model/settings.ts'
import { type Place, Places } from '../model/weight-places.ts'
import { type WeightTarget, weightTargets } from '../model/weight-targets.ts'
import type { Repo } from '../open.ts'
import { failureOf } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import { checkoutTargets } from '../workspace/checkout-targets.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'

/**
 * Brings only the weights of models, as safetensors files beside where the data would be: of a checkpoint that was trained with Adam a third of the
 * bytes. Only the chunks that hold them are read from the remote; the whole content comes neither into the cache nor into the workspace. Weights are
 * compared with the digest in the pointer. What could not be had is in `failed`.
 */
export async function pullWeights(
  repo: Repo,
  names: readonly string[],
  options: PullWeightsOptions = {},
): Promise<PullWeightsResult> {
  const { name: remoteName } = repo.config.remote(options.remote)
  return await withSession(repo, options, async (session) => {
    const { targets, skipped, failed } = await weightTargets(session, names, options.rev)
    if (options.output !== undefined && targets.length > 1) {
      throw new ArtError('USAGE', `${targets.length} models are named, and -o names one file`, {
        path: options.output,
        hint: 'Name one model, or leave -o out.',
      })
    }
    const result: PullWeightsResult = {
      remote: remoteName,
      artifacts: 0,
      files: 0,
      bytes: { logical: 0, new: 0, transferred: 0, stored: 0 },
      failed,
      weights: [],
      skipped,
      checkout: { added: [], modified: [], removed: [], unchanged: [], files: 0, bytes: 0, failed: [] },
      ...(options.dryRun ? { would: [] } : {}),
    }
    const places = new Places(repo, options)
    await withRemoteContents(session, { ...options, much: options.dryRun !== true }, async (remote) => {
      for (const target of targets) {
        let isModel = true
        try {
          options.signal?.throwIfAborted()
          isModel = await pullOne(session, target, placeOf(places, target), remote, options, result)
        } catch (error) {
          if (options.signal?.aborted || isAboutRemote(error)) throw error
          failed.push(failureOf(error, target.path))
        }
        if (isModel) count(target, result)
        else skipped.push(target.path)
      }
    })
    if (places.whole.length > 0) await pullWhole(session, places.whole, options, result)
    return result
  })
}

/** Of a release beside the artifact, with its version in the name: what is there is of another version. */
function placeOf(places: Places, { path, as }: WeightTarget): Place | undefined {
  return places.of(as ?? path, { isRelease: as !== undefined })
}

function count({ pointer }: WeightTarget, result: PullWeightsResult): void {
  result.artifacts++
  result.files++
  result.bytes.logical += pointer.size
}

/** False for what turns out to be no model, where nobody said that it is one. */
async function pullOne(
  session: Session,
  target: WeightTarget,
  place: Place | undefined,
  remote: RemoteContents,
  options: PullWeightsOptions,
  result: PullWeightsResult,
): Promise<boolean> {
  if (place === undefined) return true
  const { path } = target
  const content = await target.open(remote)
  if (content === undefined)
    throw new ArtError('MISSING_OBJECTS', 'not on the remote', { path, hint: 'Push it from a clone that has it.' })
  try {
    const weights = await openWeights(content, path, { signal: options.signal, ...modelSettings(session.repo.config) })
    if (weights === undefined && !target.isSure) return false
    if (weights === undefined) throw noWeights(path)
    try {
      if (options.dryRun) result.would!.push({ path: place.typed, size: weights.size })
      else result.weights.push(await write(session.repo, target, content, weights, place, options))
    } finally {
      await weights.close()
    }
    return true
  } finally {
    const { new: fresh = 0, transferred = 0 } = content.remote?.received ?? {}
    result.bytes.new += fresh
    result.bytes.stored += fresh
    result.bytes.transferred += transferred
    await content.close()
  }
}

async function write(
  repo: Repo,
  { path, pointer }: WeightTarget,
  { remote }: Content,
  weights: OpenWeights,
  { absolute, typed }: Place,
  { signal, onEvent, force, output }: PullWeightsOptions,
): Promise<PulledWeights> {
  const tell = (message: string): void => onEvent?.({ type: 'warning', message, path: typedPath(repo, path) })
  for (const message of weights.warnings) tell(message)
  // Of another revision's artifact the folder may be gone.
  if (output === undefined) makeFolder(dirname(absolute))
  const expected = digestOf(pointer)
  const phase = remote === undefined ? 'export' : 'download'
  const staging = repo.tmpDir
  const saved = await saveWeights(absolute, weights, { signal, onEvent, force, expected, name: typed, staging, phase })
  const verified = expected !== undefined || remote === undefined
  if (!verified) {
    tell('its pointer has no weights digest: every chunk was checked, whether they are its weights was not')
  }
  const ignored = await gitIgnores(repo, absolute)
  const { size, tensors, parameters } = weights
  return {
    artifact: path,
    path: typed,
    state: saved.state,
    size,
    tensors,
    parameters,
    weights: `sha256:${saved.weights}`,
    verified,
    ...(ignored === undefined ? {} : { ignored }),
  }
}

function digestOf({ checkpoint }: Pointer): string | undefined {
  const weights = checkpoint?.get('weights')
  return typeof weights === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(weights)?.[1] : undefined
}

/** Weights that are a safetensors file already: all of its bytes are wanted. */
async function pullWhole(
  session: Session,
  paths: readonly string[],
  options: PullWeightsOptions,
  result: PullWeightsResult,
): Promise<void> {
  const { repo } = session
  const names = paths.map((path) => typedPath(repo, path))
  const { remote, jobs, dryRun, force, signal, onEvent } = options
  const given = { remote, jobs, dryRun, force, signal, onEvent }
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  await withLock(repo, async () => {
    const fetched = await fetchWanted(session, await wantedTargets(repo, names, asked), asked)
    for (const key of ['new', 'transferred', 'stored'] as const) result.bytes[key] += fetched.bytes[key]
    result.failed.push(...fetched.failed)
    if (dryRun)
      for (const { path, size } of fetched.would ?? []) result.would!.push({ path: typedPath(repo, path), size })
    else result.checkout = withoutNamed(await checkoutTargets(session, names, asked), fetched.failed)
  })
}

/** What the remote lacks is missing in the checkout too: one line for each thing. */
function withoutNamed(checkout: CheckoutResult, failed: readonly { path: string }[]): CheckoutResult {
  const named = new Set(failed.map(({ path }) => path))
  return { ...checkout, failed: checkout.failed.filter(({ path }) => !named.has(path)) }
}
