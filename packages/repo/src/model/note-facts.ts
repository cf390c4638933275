import type { CallOptions } from '@art/core'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { Session } from '../workspace/session.ts'
import { makeBlock } from './block.ts'
import type { Described } from './describe.ts'
import { keepTable } from './kept-table.ts'

/** Puts into a pointer what was read of its content, keeps the table, and says what a person should know. */
export function noteFacts(
  { repo, cache }: Session,
  path: string,
  pointer: Pointer,
  described: Described,
  { onEvent }: CallOptions,
): void {
  const { block, leftOut } = makeBlock(described, repo, { isFolder: pointer.kind === 'd' })
  if (block === undefined) delete pointer.checkpoint
  else pointer.checkpoint = block
  const { table, failure, scan } = described
  if (block !== undefined && table !== undefined) keepTable(cache.layout, pointer.oid, table)
  const warn = (message: string): void => onEvent?.({ type: 'warning', message, path })
  if (failure !== undefined) warn(`cannot be read as a model, so its pointer tells nothing of it: ${failure.message}`)
  if (scan?.verdict === 'unsafe')
    warn(`unsafe: loading it can run ${listed(scan.unsafe)}; do not load it unless you know who made it`)
  if (leftOut.length > 0)
    warn(`left out of its pointer: ${listed(leftOut.map(({ name, why }) => `${name} (${REASONS[why]})`))}`)
  if (block !== undefined && table !== undefined && table.warnings.length > 0) warn(listed(table.warnings, 1))
}

/** Common in honest checkpoints, so it takes one line however many there are. */
export function warnOfUnknown(all: readonly { path: string; described: Described }[], { onEvent }: CallOptions): void {
  const some = all.filter(
    ({ described: { scan, unknownImports } }) => scan?.verdict === 'unknown' && unknownImports.length > 0,
  )
  for (const { path, described } of all) {
    if (described.scan?.verdict !== 'unsafe' && !described.isScannedWhole)
      onEvent?.({ type: 'warning', message: 'not all of it could be scanned for dangerous imports', path })
  }
  const [first] = some
  if (first === undefined) return
  const names = [...new Set(some.flatMap(({ described }) => described.unknownImports))]
  const message = `imports names that art does not know: ${listed(names, 3)}`
  onEvent?.({
    type: 'warning',
    message,
    path: listed(
      some.map(({ path }) => path),
      1,
    ),
  })
}

const REASONS = { secret: 'looks like a secret', long: 'long', limit: 'no room' } as const

function listed(names: readonly string[], most = 5): string {
  const more = names.length - most
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ')
}
