import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect } from 'vitest'
import type { ArtEvent } from '@art/core'
import { readModel } from '@art/checkpoint/format/read.ts'
import { fileSource } from '@art/checkpoint/source/file.ts'
import { describeModel } from '@art/checkpoint/table/describe.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import type { PullWeightsOptions, PullWeightsResult } from '../model-api.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from './add.ts'
import { pullWeights } from './pull-weights.ts'
import { push } from './push.ts'
import { remoteAdd } from './remote.ts'

export const TORCH = fileURLToPath(new URL('../../../../test/data/models/torch/', import.meta.url))

/** For tests: a repository with a remote for each of them. */
export let made: TemporaryRepo

/** Called at the top of a test file. */
export function useRemote(): void {
  beforeEach(async () => {
    made = await TemporaryRepo.create()
    await remoteAdd(await made.open(), 'origin', join(made.base, 'store'), { default: true })
  })
  afterEach(() => made.remove())
}

export const at = (path: string): string => join(made.root, path)
export const events: ArtEvent[] = []

export const pulled = async (
  names: string[],
  options: PullWeightsOptions = {},
  cwd = made.root,
): Promise<PullWeightsResult> => {
  events.length = 0
  return await pullWeights(await made.open(cwd), names, { onEvent: (event) => events.push(event), ...options })
}

export const warnings = () => events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))

/** Adds and pushes files, and leaves this machine with their pointers only. */
export async function onRemote(...paths: string[]): Promise<void> {
  expect((await add(await made.open(), paths)).failed).toEqual([])
  made.commit()
  expect((await push(await made.open(), [])).failed).toEqual([])
  forget(...paths)
}

export function forget(...paths: string[]): void {
  rmSync(at('.art/cache'), { recursive: true, force: true })
  for (const path of paths) rmSync(at(path), { recursive: true })
}

export async function tableOf(path: string): Promise<TensorTable> {
  const source = await fileSource(path)
  const model = await readModel(source)
  const table = await describeModel(model!, { measure: 'weights' })
  await source.close()
  return table
}

export const digestOf = async (path: string): Promise<string> => (await tableOf(path)).facts.weights!

/** Leaves the pointer as an older art wrote it, or with another digest. */
export function note(path: string, digest?: string): void {
  const text = made.read(`${path}.art`).replace(/^checkpoint:\n(?: .*\n)*/m, '')
  const block = digest === undefined ? '' : `checkpoint:\n  format: pytorch\n  weights: sha256:${digest}\n`
  made.write(`${path}.art`, text + block)
}
