import type { YamlMap } from '@art/core/yaml/plain.ts'
import { pointerBlock, unsafeBlock } from '@art/checkpoint/facts/block.ts'
import type { LeftOut } from '@art/checkpoint/facts/facts.ts'
import type { Repo } from '../open.ts'
import type { Described } from './describe.ts'
import { isModel } from './is-model.ts'
import { installedTorch } from './torch-installed.ts'

export interface MadeBlock {
  /** Undefined for what is no model. */
  block: YamlMap | undefined
  leftOut: readonly LeftOut[]
}

/** Written by torch, so that the version of it that was there says something. */
const OF_TORCH: ReadonlySet<string> = new Set(['pytorch', 'pytorch-legacy', 'torchscript', 'torch-export'])

/** What a pointer says of a content. A file that is dangerous has a block even where it is no model, or cannot be read as one. */
export function makeBlock(
  { table, scan, format }: Described,
  repo: Pick<Repo, 'environment' | 'root'>,
  { isFolder = false }: { isFolder?: boolean } = {},
): MadeBlock {
  const unsafeImports = scan?.verdict === 'unsafe' ? scan.unsafe : undefined
  if (table !== undefined && isModel(table.facts, { isFolder })) {
    const torchInstalled = OF_TORCH.has(table.format) ? installedTorch(repo)?.version : undefined
    const { entries, leftOut } = pointerBlock(table.facts, { unsafeImports, torchInstalled })
    return { block: entries, leftOut }
  }
  return { block: unsafeImports === undefined ? undefined : unsafeBlock(format, unsafeImports), leftOut: [] }
}
