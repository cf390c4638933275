import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ArtEvent } from '@art/core'
import { tensorsPath } from '@art/core/cache/layout.ts'
import { afterEach, beforeEach, expect } from 'vitest'
import type { AddedArtifact, AddOptions, AddResult } from '../api.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from '../verb/add.ts'
import { Session } from '../workspace/session.ts'

export const MODELS = 'test/data/models'

/** For tests: a repository for each of them, to put model files into. */
export let made: TemporaryRepo
/** What was told to `onEvent`, as `addAll` tells it. */
export let warnings: string[]

/** Called at the top of a test file. */
export function useRepository(): void {
  beforeEach(async () => {
    made = await TemporaryRepo.create()
    warnings = []
  })
  afterEach(() => made.remove())
}

export function put(path: string, from: string | Uint8Array): void {
  const target = join(made.root, path)
  mkdirSync(dirname(target), { recursive: true })
  if (typeof from === 'string') cpSync(join(MODELS, from), target, { recursive: true })
  else writeFileSync(target, from)
}

export function onEvent(event: ArtEvent): void {
  if (event.type === 'warning') warnings.push(`${event.message}: ${event.path}`)
}

export async function addAll(paths: string[], options: AddOptions = {}): Promise<AddResult> {
  return await add(await made.open(), paths, { ...options, onEvent })
}

export async function addOne(path: string): Promise<AddedArtifact> {
  const { added, failed } = await addAll([path])
  expect(failed).toEqual([])
  return added[0]!
}

export async function withRepo<T>(work: (session: Session) => T | Promise<T>): Promise<T> {
  const session = new Session(await made.open())
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

export const isKept = (oid: string): Promise<boolean> =>
  withRepo(({ cache }) => existsSync(tensorsPath(cache.layout, oid)))
