import { fileSource } from '@art/checkpoint/source/file.ts'
import { DANGEROUS_MODULES, SPARED } from '@art/checkpoint/scan/names/dangerous-modules.ts'
import { DANGEROUS_ATTRIBUTES, DANGEROUS_NAMES } from '@art/checkpoint/scan/names/dangerous-names.ts'
import { HONEST_GLOBALS } from '@art/checkpoint/scan/names/honest.ts'
import { TORCH_MODULES, TORCH_OPTIMIZERS } from '@art/checkpoint/scan/names/torch-classes.ts'
import { WEIGHTS_ONLY_GLOBALS, WEIGHTS_ONLY_REGISTERED } from '@art/checkpoint/scan/names/weights-only.ts'
import { scanFile } from '@art/checkpoint/scan/scan.ts'

/** For the page: title → words. */
export function lists(): [title: string, words: string[]][] {
  const grouped = (list: Readonly<Record<string, string>>): string[] =>
    Object.entries(list).map(([module, names]) => `${module}: ${(names.match(/\S+/g) ?? []).join(' ')};`)
  return [
    ['Allowed: what torch 2.15 allows', [...grouped(WEIGHTS_ONLY_GLOBALS), ...grouped(WEIGHTS_ONLY_REGISTERED)]],
    ['Allowed: what honest checkpoints hold beside that', grouped(HONEST_GLOBALS)],
    ['Allowed: torch’s layers, optimizers and schedulers', [...grouped(TORCH_MODULES), ...grouped(TORCH_OPTIMIZERS)]],
    ['Dangerous modules', [...DANGEROUS_MODULES]],
    ['Of those modules not dangerous by themselves', [...SPARED]],
    ['Dangerous names', [...DANGEROUS_NAMES]],
    ['Dangerous as a name, or as a part of a dotted one', [...DANGEROUS_ATTRIBUTES]],
  ]
}

/** File → art's verdict. */
export async function artVerdicts(paths: readonly string[]): Promise<Map<string, string>> {
  const verdicts = new Map<string, string>()
  for (const path of paths) {
    const source = await fileSource(path)
    try {
      verdicts.set(path, (await scanFile(source)).verdict)
    } finally {
      await source.close()
    }
  }
  return verdicts
}
