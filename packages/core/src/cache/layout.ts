import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { makeFolder } from '../fs/whole.ts'
import type { Oid } from '../oid.ts'

/** Files of this size and more are kept whole, so that they can be reflinked or linked; smaller ones go into packs. */
export const LARGE_FILE = 1 << 20

/** Where things are in a cache folder. */
export interface CacheLayout {
  readonly root: string
  readonly objects: string
  readonly packs: string
  /** Tables of packs on remotes, by pack name. */
  readonly tables: string
  /** Tensor tables of model files, by oid. Derived: they may be lost. */
  readonly tensors: string
  readonly temporary: string
}

export function cacheLayout(root: string): CacheLayout {
  return {
    root,
    objects: join(root, 'objects'),
    packs: join(root, 'packs'),
    tables: join(root, 'tables'),
    tensors: join(root, 'tensors'),
    temporary: join(root, 'tmp'),
  }
}

export function ensureCache(layout: CacheLayout): void {
  for (const folder of [layout.objects, layout.packs, layout.tables, layout.temporary]) makeFolder(folder)
}

export function objectPath(layout: CacheLayout, oid: Oid): string {
  return join(layout.objects, oid.slice(0, 2), oid.slice(2))
}

export function tensorsPath(layout: CacheLayout, oid: Oid): string {
  return join(layout.tensors, oid)
}

export function packPath(layout: CacheLayout, name: string): string {
  return join(layout.packs, `${name}.pack`)
}

export function temporaryPath(layout: CacheLayout): string {
  return join(layout.temporary, `${process.pid}-${randomName()}`)
}

/** 128 random bits: a name that no other process has given or will give. */
export function randomName(): string {
  return randomBytes(16).toString('hex')
}
