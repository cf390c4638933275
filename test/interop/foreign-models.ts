import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isArtError } from '@art/core'
import type { ModelFile, Tensor } from '@art/checkpoint'
import { readModel } from '@art/checkpoint/format/read.ts'
import { besideFolder } from '@art/checkpoint/source/beside.ts'
import { fileSource } from '@art/checkpoint/source/file.ts'
import { boxesOfView, readBox, runWith } from '@art/checkpoint/view/read.ts'
import { viewOf } from '@art/checkpoint/view/view.ts'

interface Count {
  files: number
  tensors: number
  bytes: number
  warnings: number
  compared: number
}

/** File → tensor name → sha256 of the payload, as the format's library reads it. */
type Facts = ReadonlyMap<string, ReadonlyMap<string, string>>

/**
 * Reads all model files below the folders, with their payloads, and compares these with what a file of facts says. Says whether there were
 * some, and none failed.
 */
export async function readForeignModels(
  roots: readonly string[],
  factsFile: string | undefined,
  print: (line: string) => void,
): Promise<boolean> {
  const facts = factsFile === undefined ? new Map<string, never>() : factsIn(factsFile)
  const counts = new Map<string, Count>()
  let failures = 0
  for (const path of roots.flatMap(filesBelow)) {
    const failure = await readOne(path, facts, counts)
    if (failure === undefined) continue
    failures++
    print(`${path}: ${failure}`)
  }
  for (const [format, { files, tensors, bytes, warnings, compared }] of counts) {
    print(`${format}: ${files} files, ${tensors} tensors (${compared} compared), ${bytes} bytes, ${warnings} warnings`)
  }
  print(`${failures} failed`)
  return failures === 0 && counts.size > 0
}

function factsIn(file: string): Facts {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return new Map(
    lines.map((line) => {
      const facts = JSON.parse(line) as { file: string; tensors: { name: string; sha256: string }[] }
      return [facts.file, new Map(facts.tensors.map(({ name, sha256 }) => [name, sha256]))]
    }),
  )
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** What went wrong, with the stack where it is no error of art's: a bug. */
async function readOne(path: string, facts: Facts, counts: Map<string, Count>): Promise<string | undefined> {
  const source = await fileSource(path)
  try {
    const model = await readModel(source, { openBeside: besideFolder(dirname(path)) })
    if (model === undefined) return facts.has(path) ? 'not seen as a model' : undefined
    const count = counts.get(model.format) ?? { files: 0, tensors: 0, bytes: 0, warnings: 0, compared: 0 }
    counts.set(model.format, count)
    try {
      return await compare(model, facts.get(path), count)
    } finally {
      await model.close?.()
    }
  } catch (error) {
    if (isArtError(error)) return `${error.code} ${error.message}`
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  } finally {
    await source.close()
  }
}

async function compare(
  model: ModelFile,
  facts: ReadonlyMap<string, string> | undefined,
  count: Count,
): Promise<string | undefined> {
  count.files++
  count.tensors += model.tensors.length
  count.warnings += model.warnings.length
  const missing = new Set(facts?.keys())
  const different: string[] = []
  for (const tensor of model.tensors) {
    if (tensor.storage === undefined) continue
    const sha256 = await hashOf(tensor)
    count.bytes += tensor.bytes
    const expected = facts?.get(tensor.name)
    missing.delete(tensor.name)
    if (expected === undefined) continue
    count.compared++
    if (expected !== sha256) different.push(tensor.name)
  }
  if (missing.size > 0) return `without ${[...missing].join(', ')}`
  if (different.length > 0) return `other bytes in ${different.join(', ')}`
}

async function hashOf(tensor: Tensor): Promise<string> {
  const hash = createHash('sha256')
  const scratch = { bytes: new Uint8Array(0) }
  const view = viewOf(tensor, tensor.name)
  for (const box of boxesOfView(view)) hash.update(await runWith(readBox(view, box, scratch), tensor.storage!))
  return hash.digest('hex')
}
