import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isArtError } from '@art/core'
import { readModel } from '@art/checkpoint/format/read.ts'
import type { ModelFile } from '@art/checkpoint'
import { besideFolder } from '@art/checkpoint/source/beside.ts'
import { fileSource } from '@art/checkpoint/source/file.ts'
import { boxesOfView, readBox, runWith } from '@art/checkpoint/view/read.ts'
import { viewOf } from '@art/checkpoint/view/view.ts'

interface Count {
  files: number
  tensors: number
  bytes: number
  warnings: number
}

/** Reads all model files below the folders, with their payloads. Says whether there were some, and none failed. */
export async function readForeignModels(roots: readonly string[], print: (line: string) => void): Promise<boolean> {
  const counts = new Map<string, Count>()
  let failures = 0
  for (const path of roots.flatMap(filesBelow)) {
    const failure = await readOne(path, counts)
    if (failure === undefined) continue
    failures++
    print(`${path}: ${failure}`)
  }
  for (const [format, { files, tensors, bytes, warnings }] of counts) {
    print(`${format}: ${files} files, ${tensors} tensors, ${bytes} bytes, ${warnings} warnings`)
  }
  print(`${failures} failed`)
  return failures === 0 && counts.size > 0
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** What went wrong, with the stack where it is no error of art's: a bug. */
async function readOne(path: string, counts: Map<string, Count>): Promise<string | undefined> {
  const source = await fileSource(path)
  try {
    const model = await readModel(source, { openBeside: besideFolder(dirname(path)) })
    if (model === undefined) return undefined
    const count = counts.get(model.format) ?? { files: 0, tensors: 0, bytes: 0, warnings: 0 }
    counts.set(model.format, count)
    count.files++
    count.tensors += model.tensors.length
    count.warnings += model.warnings.length
    try {
      count.bytes += await readPayloads(model)
    } finally {
      await model.close?.()
    }
    return undefined
  } catch (error) {
    if (isArtError(error)) return `${error.code} ${error.message}`
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  } finally {
    await source.close()
  }
}

async function readPayloads(model: ModelFile): Promise<number> {
  const scratch = { bytes: new Uint8Array(0) }
  let bytes = 0
  for (const tensor of model.tensors) {
    if (tensor.storage === undefined) continue
    const view = viewOf(tensor, tensor.name)
    for (const box of boxesOfView(view)) bytes += (await runWith(readBox(view, box, scratch), tensor.storage)).length
  }
  return bytes
}
