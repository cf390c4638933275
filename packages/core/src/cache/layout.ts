import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { atomicWriteSync } from '../fs/atomic-write.ts'
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

/** Stands in every cache folder, so that a folder which somebody merely names is not taken for one. */
const MARK = 'art-cache'
const MARK_TEXT = 'art-cache 1\n'

export function ensureCache(layout: CacheLayout): void {
  for (const folder of [layout.objects, layout.packs, layout.tables, layout.temporary]) makeFolder(folder)
  const mark = join(layout.root, MARK)
  if (!existsSync(mark)) atomicWriteSync(mark, MARK_TEXT)
}

/** Has art made this folder a cache, for whomever? */
export function isCache(root: string): boolean {
  return [MARK, 'objects', 'packs'].every((name) => existsSync(join(root, name)))
}

export function objectPath(layout: CacheLayout, oid: Oid): string {
  return join(layout.objects, oid.slice(0, 2), oid.slice(2))
}

export function tensorsPath(layout: CacheLayout, oid: Oid): string {
  return join(layout.tensors, oid)
}

/** What a remote says of a content: apart from what was read from bytes of this machine, so that neither passes for the other. */
export function toldTensorsPath(layout: CacheLayout, oid: Oid): string {
  return join(layout.tensors, 'told', oid)
}

export function packPath(layout: CacheLayout, name: string): string {
  return join(layout.packs, `${name}.pack`)
}

export function temporaryPath(layout: CacheLayout): string {
  return join(layout.temporary, `${process.pid}-${randomName()}`)
}

/** Is it a name that `temporaryPath` gives? */
export function isTemporaryName(name: string): boolean {
  return /^\d+-[0-9a-f]{32}$/.test(name)
}

/** 128 random bits: a name that no other process has given or will give. */
export function randomName(): string {
  return randomBytes(16).toString('hex')
}
