import type { CallOptions } from '@art/core'
import { listed } from '@art/core/listed.ts'
import { checkpointOf } from '../model/read-block.ts'
import type { Artifact } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import type { Session } from './session.ts'

const LINES_MAX = 3

/** Whoever brings a model to the workspace is about to load it: says of which its pointer tells that this can run anything, each once. */
export function warnUnsafe({ repo }: Session, artifacts: readonly Artifact[], { onEvent }: CallOptions): void {
  const unsafe = new Map<string, string>()
  for (const { path, pointer } of artifacts) {
    if (pointer.checkpoint === undefined) continue
    const { scan, unsafeImports = [] } = checkpointOf(pointer.checkpoint)
    if (scan === 'unsafe') unsafe.set(path, unsafeImports.length === 0 ? 'anything' : listed(unsafeImports))
  }
  for (const [path, names] of [...unsafe].slice(0, LINES_MAX)) {
    onEvent?.({ type: 'warning', message: `unsafe: loading it can run ${names}`, path: typedPath(repo, path) })
  }
  const more = unsafe.size - LINES_MAX
  if (more <= 0) return
  const message = `${more} more ${more === 1 ? 'is' : 'are'} unsafe to load: \`art scan\` names ${more === 1 ? 'it' : 'them'}`
  onEvent?.({ type: 'warning', message })
}
