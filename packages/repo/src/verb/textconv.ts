import { closeSync } from 'node:fs'
import { resolve } from 'node:path'
import { fromSystemError } from '@art/core'
import { openPlainFile, readPlainFile } from '@art/core/fs/plain-file.ts'
import { MAX_POINTER_BYTES, parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import { keptTable } from '../model/kept-table.ts'
import { givenOf, withGiven } from '../model/given-facts.ts'
import { checkpointOf } from '../model/read-block.ts'
import { findRoot, openRepo, realFolder } from '../open.ts'
import type { LookOptions } from '../view-api.ts'
import { cacheLayout } from '@art/core/cache/layout.ts'

/**
 * A pointer as lines that say one thing each, for git to compare: figures, and a line for each tensor where this machine keeps the table. What is
 * no pointer stays as it is, line by line. Fails as reading the file does.
 */
export async function textconv(path: string, options: LookOptions): Promise<string[]> {
  const text = readText(resolve(options.cwd, path), path)
  const pointer = await parsePointer(text).catch(() => undefined)
  if (pointer === undefined) return text.replace(/\n$/, '').split('\n')
  return [...pointerLines(pointer), ...tensorLines(await tableHere(pointer, options))]
}

function readText(absolute: string, path: string): string {
  try {
    const { fd, stat } = openPlainFile(absolute, { path, follow: true })
    closeSync(fd)
    return stat.size > MAX_POINTER_BYTES
      ? ''
      : readPlainFile(absolute, { max: MAX_POINTER_BYTES, path, follow: true }).toString('utf8')
  } catch (error) {
    throw fromSystemError(error, path)
  }
}

function pointerLines(pointer: Pointer): string[] {
  const { path, kind, oid, size, files, checkpoint } = pointer
  const given = givenOf(pointer)
  const facts = checkpoint && checkpointOf(checkpoint)
  const {
    metrics = {},
    config = {},
    format,
    parameters,
    weights,
    epoch,
    step,
    torch,
    scan,
    unsafeImports,
  } = facts ?? {}
  const pairs: [string, unknown][] = [
    ['path', path],
    ['kind', kind === 'd' ? 'directory' : undefined],
    ['oid', `sha256:${oid}`],
    ['size', size],
    ['files', files],
    ['format', format],
    ['scan', scan],
    ['unsafe imports', unsafeImports?.join(', ')],
    ['parameters', parameters],
    ['weights', weights],
    ['epoch', epoch],
    ['step', step],
    ['torch', torch],
    ...Object.entries(withGiven(metrics, given)),
    ...Object.entries(config).map(([key, value]): [string, unknown] => [
      `config.${key}`,
      Array.isArray(value) ? `[${value.join(', ')}]` : value,
    ]),
    ['desc', given?.desc],
    ['labels', given === undefined || given.labels.length === 0 ? undefined : given.labels.join(', ')],
    ...Object.entries(given?.meta ?? {}).map(([key, value]): [string, unknown] => [`meta.${key}`, value]),
  ]
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${String(value)}`]))
}

async function tableHere(
  { oid }: Pointer,
  { cwd, environment = process.env }: LookOptions,
): Promise<TensorTable | undefined> {
  const folder = realFolder(cwd)
  if (findRoot(folder) === undefined) return undefined
  const { cacheDir } = await openRepo({ cwd: folder, environment })
  return keptTable(cacheLayout(cacheDir), oid)
}

function tensorLines(table: TensorTable | undefined): string[] {
  if (table === undefined) return []
  return table.tensors.flatMap(({ weight, dtype, shape, sha256 }) => {
    if (weight === undefined) return []
    const content = sha256 === undefined ? '' : ` ${sha256.slice(0, 16)}`
    return [`tensor ${weight} ${dtype} [${shape.join(', ')}]${content}`]
  })
}
