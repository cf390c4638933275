import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CallOptions } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { readSmallText } from '@art/core/fs/read-text.ts'
import { type MadeFile, makeFiles } from '@art/registry/files/make-files.ts'
import { type ArchivedChange, changeArchived } from '@art/registry/models-file/archived.ts'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import type { Repo } from '../open.ts'
import { filesOfWorkspace } from '../registry/current-files.ts'
import { openRegistry } from '../registry/open.ts'
import { describeReleases } from '../registry/records.ts'
import { takenBack } from '../registry/regenerate.ts'
import { refuseLink } from '../trust/link.ts'

/** `models.yaml` as it should be; undefined where it is so already. Fails with `CONFIG_INVALID`, and `PATH_UNSAFE` for a link. */
export async function archivedInModelsFile(
  repo: Repo,
  changes: readonly ArchivedChange[],
): Promise<string | undefined> {
  const absolute = join(repo.root, MODELS_FILE)
  refuseLink(absolute)
  const before = readSmallText(absolute) ?? ''
  const after = await changeArchived(before, changes)
  return after === before ? undefined : after
}

/** Files of the workspace that are not as tags and `models.yaml` want them. Fails as reading them does, and where one cannot be made. */
export async function registryFiles(repo: Repo, { signal }: CallOptions = {}): Promise<MadeFile[]> {
  const registry = await openRegistry(repo)
  const { records } = await describeReleases(repo, registry, { signal })
  const made = await makeFiles(records, await filesOfWorkspace(repo), takenBack(registry.ledger))
  for (const { error } of made) if (error !== undefined) throw error
  return made
}

/** Returns what changed for git. */
export function writeFiles(repo: Repo, files: readonly Pick<MadeFile, 'path' | 'text'>[]): string[] {
  for (const { path, text } of files) {
    const absolute = join(repo.root, path)
    if (text === undefined) {
      if (lstatSync(absolute, { throwIfNoEntry: false }) !== undefined) rmSync(absolute)
      continue
    }
    mkdirSync(dirname(absolute), { recursive: true })
    atomicWriteSync(absolute, text, { staging: repo.tmpDir })
  }
  return files.map(({ path }) => path)
}
