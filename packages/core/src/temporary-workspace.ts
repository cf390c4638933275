import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Cache } from './cache/cache.ts'
import { type CheckedOutDirectory, type CheckoutDirectoryOptions, checkoutDirectory } from './checkout/directory.ts'
import { isArtError } from './error.ts'
import type { DirIndex } from './index/dir-index.ts'
import { shareIndex } from './index/store.ts'
import { sha256, toHex } from './oid.ts'
import { type StoreDirectoryOptions, storeDirectory } from './scan/store-directory.ts'
import { createPool } from './worker/pool.ts'

/** For tests: a folder to track, a cache, and what `add` and `checkout` make of them, in this thread. */
export class TemporaryWorkspace {
  root!: string
  data!: string
  temporary!: string
  cache!: Cache

  constructor(cacheRoot?: string) {
    this.begin(cacheRoot)
  }

  /** Everything anew, in another place. */
  begin(cacheRoot?: string): void {
    this.root = mkdtempSync(join(tmpdir(), 'art-core-'))
    this.data = join(this.root, 'data')
    this.temporary = join(this.root, 'tmp')
    this.cache = new Cache(cacheRoot ?? join(this.root, 'cache'))
    mkdirSync(this.data)
  }

  path(...names: string[]): string {
    return join(this.data, ...names)
  }

  write(path: string, content: string | Uint8Array, mode?: number): void {
    mkdirSync(dirname(this.path(path)), { recursive: true })
    writeFileSync(this.path(path), content)
    if (mode !== undefined) chmodSync(this.path(path), mode)
  }

  /** By default without an index, so that every file is read. */
  async add(options: Partial<StoreDirectoryOptions> = {}): Promise<DirIndex & { oid: string }> {
    const pool = await createPool(0)
    const given = { cache: this.cache, pool, trustedBefore: Number.POSITIVE_INFINITY, ...options }
    const { root, sections, seed } = await storeDirectory(this.data, given)
    return { root: root.oid, oid: toHex(root.oid), files: root.files, bytes: root.size, sections, seed }
  }

  /** With the index of what was added or checked out last; every stat in it is trusted. */
  async addAgain(index: DirIndex, options: Partial<StoreDirectoryOptions> = {}): Promise<DirIndex & { oid: string }> {
    return await this.add({ known: shareIndex(index), ...options })
  }

  async checkout(root: Uint8Array, options: Partial<CheckoutDirectoryOptions> = {}): Promise<CheckedOutDirectory> {
    const pool = await createPool(0)
    const { cache, temporary } = this
    const given = { cache, pool, temporary, links: ['reflink', 'copy'] as const, trustedBefore: 0, ...options }
    return await checkoutDirectory(this.data, root, given)
  }

  /** Everything below the tracked folder: kind, executable or not, and content. */
  listing(): Record<string, string> {
    const found: Record<string, string> = {}
    list(this.data, '', found)
    return found
  }

  /** Names in the cache, below one of its folders. */
  cached(folder: 'packs' | 'objects' | 'temporary'): string[] {
    const path = this.cache.layout[folder]
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(path.length + 1))
  }

  remove(): void {
    this.cache.close()
    rmSync(this.root, { recursive: true, force: true })
  }
}

function list(folder: string, prefix: string, into: Record<string, string>): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const stat = lstatSync(path)
    if (stat.isSymbolicLink()) into[prefix + name] = `link ${readlinkSync(path)}`
    else if (stat.isDirectory()) {
      into[prefix + name] = 'folder'
      list(path, `${prefix}${name}/`, into)
    } else into[prefix + name] = `${stat.mode & 0o100 ? 'program' : 'file'} ${toHex(sha256(readFileSync(path)))}`
  }
}

/** The code of the error that something fails with; `none` where it does not. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

/** The `ArtError` that something fails with. */
export async function failureOf(
  work: () => unknown,
): Promise<{ code: string; path: string; details: readonly { path: string }[] }> {
  try {
    await work()
  } catch (error) {
    if (isArtError(error)) return { code: error.code, path: error.path ?? '', details: error.details }
    throw error
  }
  return { code: 'none', path: '', details: [] }
}
