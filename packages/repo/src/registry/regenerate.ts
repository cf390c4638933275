import { ArtError, type CallOptions } from '@art/core'
import type { CommittedFile } from '../git/publish.ts'
import type { Repo } from '../open.ts'
import type { Registry } from './open.ts'

export interface RegenerateOptions extends CallOptions {
  /** The commit whose tree has the files as they are. */
  base: string
}

/**
 * What of `MODELS.md`, `models/registry.json` and `models/<name>_v<version>_metadata.yaml` must change against the tree of `base` so that they
 * agree with the ledger; empty where they do. Fails with `WOULD_OVERWRITE` where the working tree has changes of them that are not committed,
 * with `PATH_UNSAFE` where a link stands in place of one, and with `CONFIG_INVALID` where one cannot be read.
 */
export async function regenerate(
  _repo: Repo,
  _registry: Registry,
  _options: RegenerateOptions,
): Promise<CommittedFile[]> {
  throw new ArtError('INTERNAL', 'files are not made yet')
}
