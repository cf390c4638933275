import { setMaxListeners } from 'node:events'
import { type CallOptions, type ErrorDetail, fromHex } from '@art/core'
import { indexFromTree, members } from '@art/core/index/from-tree.ts'
import { childPath, isInside } from '@art/core/index/section.ts'
import { adviceFor, PUSH_IT } from '@art/remote/layout/damage.ts'
import { fetch } from '@art/remote/transfer/fetch.ts'
import { inspect } from '@art/remote/transfer/inspect.ts'
import { push } from '@art/remote/transfer/push.ts'
import type { Failure, TransferOptions, TransferResult } from '../api.ts'
import { siteId } from '../git/site.ts'
import type { PushTables } from '../model/push-tables.ts'
import { shellWord } from '../shell-word.ts'
import { failuresOf } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import type { Session } from '../workspace/session.ts'
import { type OpenRemote, withRemote } from './open-store.ts'
import { relativesOf } from './relatives.ts'
import type { Wanted } from './wanted.ts'

/** Sends what the remote lacks of the wanted contents; what neither side has is in `failed`, each by name. */
export async function pushWanted(session: Session, wanted: Wanted, options: TransferOptions): Promise<TransferResult> {
  const { repo, cache } = session
  return await withRemote(repo, options, options.dryRun ? 'read' : 'write', async (remote) => {
    const result = resultOf(remote, wanted)
    if (options.dryRun) return await preview(remote, session, wanted, result, options, (state) => state !== 'ok')
    if (wanted.targets.length === 0) return result
    const tables = await tablesOf(session, wanted, options)
    try {
      const report = await push(wanted.targets, {
        ...callOptions(options),
        store: remote.store,
        cache,
        pool: await session.pool({ files: result.files, bytes: result.bytes.logical }),
        compress: remote.compress,
        repo: repo.repoId,
        site: await siteId(repo),
        commits: wanted.commits,
        relatives: (target) => relativesOf(repo, target),
        onSending: (targets) => tables?.complete(targets),
      })
      const transferred = report.transferred + ((await tables?.send(remote.store)) ?? 0)
      result.bytes = { ...result.bytes, new: report.new, transferred, stored: report.stored }
      result.failed.push(...failures(report.missing))
      for (const { target, error } of report.unreadable) result.failed.push(...failuresOf(repo, error, target.path))
      return result
    } finally {
      await tables?.close()
    }
  })
}

/** The tensor tables of the models that are wanted, unless nothing is to be read of models. */
async function tablesOf(
  session: Session,
  { targets }: Wanted,
  options: TransferOptions,
): Promise<PushTables | undefined> {
  const models = session.repo.config.get('models.facts')
    ? targets.filter(({ checkpoint }) => checkpoint !== undefined)
    : []
  if (models.length === 0) return undefined
  const { pushTables } = await import('../model/push-tables.ts')
  return pushTables(session, models, callOptions(options))
}

/** Brings the wanted contents into the cache. */
export async function fetchWanted(session: Session, wanted: Wanted, options: TransferOptions): Promise<TransferResult> {
  const { repo, cache } = session
  return await withRemote(repo, options, 'read', async (remote) => {
    const result = resultOf(remote, wanted)
    if (options.dryRun) return await preview(remote, session, wanted, result, options, (state) => state === 'ok')
    if (wanted.targets.length === 0) return result
    const report = await fetch(wanted.targets, {
      ...callOptions(options),
      store: remote.store,
      cache,
      pool: () => session.pool({ files: result.files, bytes: result.bytes.logical }),
      relatives: (target) => relativesOf(repo, target),
    })
    const incomplete = new Set<object>(report.incomplete)
    for (const target of wanted.targets) {
      if (incomplete.has(target)) dropIncomplete(target, result)
      else countPart(target, session, result)
    }
    result.bytes = { ...result.bytes, new: report.new, transferred: report.transferred, stored: report.new }
    result.failed.push(...failures(report.missing))
    return result
  })
}

export function callOptions({ signal, onEvent }: CallOptions): CallOptions {
  // Every request under way listens for the interruption; Node takes more than ten listeners for a leak.
  if (signal !== undefined) setMaxListeners(0, signal)
  return { signal, onEvent }
}

function resultOf({ settings }: OpenRemote, { targets, failed }: Wanted): TransferResult {
  return {
    remote: settings.name,
    artifacts: targets.reduce((sum, { pointers }) => sum + pointers, 0),
    files: targets.reduce((sum, { files, pointers }) => sum + files * pointers, 0),
    bytes: {
      logical: targets.reduce((sum, { size, pointers }) => sum + size * pointers, 0),
      new: 0,
      transferred: 0,
      stored: 0,
    },
    failed: [...failed],
  }
}

/** What did not arrive whole does not count. */
function dropIncomplete({ files, size, pointers }: Wanted['targets'][number], result: TransferResult): void {
  result.artifacts -= pointers
  result.files -= files * pointers
  result.bytes.logical -= size * pointers
}

/** Where only a part of a directory was wanted, that is what counts; its tree, which tells how much it is, has come by now. */
function countPart(target: Wanted['targets'][number], session: Session, result: TransferResult): void {
  const { inside, kind, oid, pointers, files, size } = target
  const { cache, repo } = session
  if (inside === undefined || kind !== 'd' || !cache.hasNode(fromHex(oid))) return
  const part = { files: 0, bytes: 0 }
  for (const { section, i } of members(indexFromTree(fromHex(oid), cache.readNode))) {
    if (!isInside(childPath(section.path, section.names[i]!), inside)) continue
    part.files++
    part.bytes += section.records.size(i)
  }
  result.files += (part.files - files) * pointers
  result.bytes.logical += (part.bytes - size) * pointers
  if (part.files > 0) return
  result.artifacts -= pointers
  const directory = typedPath(repo, target.path)
  const hint = `Check the path: \`art diff -v ${shellWord(directory)}\` and \`art pull ${shellWord(directory)}\` know what it holds.`
  const path = `${target.path}/${inside}`
  result.failed.push({ path, code: 'NOT_FOUND', message: 'the tracked directory holds nothing of this name', hint })
}

/** What lies on the remote and is damaged is named by its key. */
function isAboutObject(message: string): boolean {
  return /^(?:packs|recipes)\//.test(message)
}

function failures(missing: readonly ErrorDetail[]): Failure[] {
  return missing.map(({ path, message }) => ({
    path,
    code: 'MISSING_OBJECTS',
    message,
    hint: isAboutObject(message) ? adviceFor(message) : PUSH_IT,
  }))
}

/** With --dry-run: the contents that would travel. */
async function preview(
  { store }: OpenRemote,
  { cache }: Session,
  wanted: Wanted,
  result: TransferResult,
  options: TransferOptions,
  travels: (state: 'ok' | 'missing' | 'incomplete') => boolean,
): Promise<TransferResult> {
  const states = await inspect(wanted.targets, store, callOptions(options))
  const { missingInCache } = await import('@art/remote/transfer/missing.ts')
  const pulls = travels('ok')
  const some = wanted.targets.filter(
    (target, i) => travels(states[i]!) && (!pulls || missingInCache(target, cache).length > 0),
  )
  return { ...result, would: some.map(({ path, size }) => ({ path, size })) }
}
