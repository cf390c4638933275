import type { ArtError, CallOptions } from '@art/core'
import { listed } from '@art/core/listed.ts'
import type { LeftOut } from '@art/checkpoint/facts/facts.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { typedPath } from '../target/path.ts'
import type { Session } from '../workspace/session.ts'
import { makeBlock } from './block.ts'
import type { Described } from './describe.ts'

/** Puts into a pointer what was read of its content, and says what a person should know. Returns what was left out of it, in words for `warnOfLeftOut`. */
export function noteFacts(
  { repo }: Session,
  path: string,
  pointer: Pointer,
  described: Described,
  { onEvent }: CallOptions,
): string {
  const { block, leftOut } = makeBlock(described, repo, { isFolder: pointer.kind === 'd' })
  if (block === undefined) delete pointer.checkpoint
  else pointer.checkpoint = block
  const { table, scan } = described
  const warn = (message: string): void => onEvent?.({ type: 'warning', message, path: typedPath(repo, path) })
  if (scan?.verdict === 'unsafe') warn(`unsafe: loading it can run ${listed(scan.unsafe)}`)
  if (block !== undefined && table !== undefined && table.warnings.length > 0) warn(listed(table.warnings, 1))
  return leftOutText(leftOut)
}

/** Checkpoints of one training leave out the same keys: one line for each distinct list, however many pointers there are. */
export function warnOfLeftOut(
  { repo }: Session,
  all: readonly { path: string; leftOut: string }[],
  { onEvent }: CallOptions,
): void {
  const pathsOf = new Map<string, string[]>()
  for (const { path, leftOut } of all) {
    if (leftOut !== '') pathsOf.set(leftOut, [...(pathsOf.get(leftOut) ?? []), typedPath(repo, path)])
  }
  for (const [leftOut, paths] of pathsOf) {
    const pointers = paths.length === 1 ? 'its pointer' : `${paths.length} pointers`
    onEvent?.({ type: 'warning', message: `left out of ${pointers}: ${leftOut}`, path: listed(paths, 1) })
  }
}

export function warnOfFailure({ repo }: Session, path: string, { message }: ArtError, { onEvent }: CallOptions): void {
  onEvent?.({
    type: 'warning',
    message: `cannot be read as a model, so its pointer tells nothing of it: ${message}`,
    path: typedPath(repo, path),
  })
}

/** Unknown names are common in honest checkpoints, so they take one line however many models there are. */
export function warnOfUnknown(
  { repo }: Session,
  all: readonly { path: string; described: Described }[],
  { onEvent }: CallOptions,
): void {
  const models = all.filter(({ described: { table, scan } }) => table !== undefined && scan?.verdict === 'unknown')
  for (const { path, described } of models) {
    if (!described.isScannedWhole)
      onEvent?.({
        type: 'warning',
        message: 'not all of it could be scanned for dangerous imports',
        path: typedPath(repo, path),
      })
  }
  const names = [...new Set(models.flatMap(({ described }) => described.unknownImports))]
  if (names.length === 0) return
  const paths = models.flatMap(({ path, described }) =>
    described.unknownImports.length > 0 ? [typedPath(repo, path)] : [],
  )
  const message = `imports names that art does not know: ${listed(names, 3)}`
  onEvent?.({ type: 'warning', message, path: listed(paths, 1) })
}

const REASONS = { secret: 'looks like a secret', long: 'long' } as const

function leftOutText(leftOut: readonly LeftOut[]): string {
  const named = leftOut.flatMap(({ name, why }) => (why === 'limit' ? [] : [`${name} (${REASONS[why]})`]))
  const unfit = leftOut.length - named.length
  const rest = unfit === 0 ? [] : [`${unfit} for which there is no room`]
  return [...(named.length === 0 ? [] : [listed(named)]), ...rest].join(', and ')
}
