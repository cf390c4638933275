import { lstat, mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import { ArtError } from '@art/core'

/** The folders below a root: made and made durable once, checked for symbolic links once. */
export class Folders {
  readonly #root: string
  /** Folders that are no links. */
  readonly #checked = new Set<string>()
  /** Folders whose own entry is on the disk, or is being written there. */
  readonly #durable = new Map<string, Promise<void>>()
  readonly #syncs = new Map<string, { running: Promise<void>; next?: Promise<void> }>()

  constructor(root: string) {
    this.#root = root
  }

  isMade(folder: string): boolean {
    return this.#durable.has(folder)
  }

  /** Forgets what it knows, because something turned out to be gone. */
  forget(): void {
    this.#checked.clear()
    this.#durable.clear()
  }

  /** Makes the folders that a key lies in. Fails with `SYMLINK` where one of them is a link. */
  async makeParents(key: string): Promise<void> {
    await this.#once(this.#root, () => this.#makeRoot())
    for (const folder of this.#parents(key)) await this.#once(folder, () => this.#make(folder))
  }

  /** Fails with `SYMLINK` where a folder that the key lies in is a link, and as `lstat` does where one is absent. */
  async checkParents(key: string): Promise<void> {
    for (const folder of this.#parents(key)) {
      if (this.#checked.has(folder)) continue
      await mustBeFolder(folder)
      this.#checked.add(folder)
    }
  }

  /** Makes a folder's entries durable. Calls that come while one runs share the next: it begins after all of their renames. */
  sync(folder: string): Promise<void> {
    const current = this.#syncs.get(folder)
    if (current === undefined) return this.#startSync(folder)
    current.next ??= current.running.catch(() => {}).then(() => this.#startSync(folder))
    return current.next
  }

  #startSync(folder: string): Promise<void> {
    const running = syncFolder(folder)
    const state: { running: Promise<void>; next?: Promise<void> } = { running }
    this.#syncs.set(folder, state)
    const done = (): void => {
      if (this.#syncs.get(folder) === state && state.next === undefined) this.#syncs.delete(folder)
    }
    running.then(done, done)
    return running
  }

  #once(folder: string, make: () => Promise<void>): Promise<void> {
    const known = this.#durable.get(folder)
    if (known !== undefined) return known
    const making = make()
    this.#durable.set(folder, making)
    making.catch(() => this.#durable.delete(folder))
    return making
  }

  async #make(folder: string): Promise<void> {
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return mustBeFolder(folder)
    })
    this.#checked.add(folder)
    // Also where it exists: whoever made it may have died before this.
    await this.sync(path.dirname(folder))
  }

  async #makeRoot(): Promise<void> {
    const first = await mkdir(this.#root, { recursive: true })
    if (first === undefined) return
    for (let made = this.#root; made.length >= first.length; made = path.dirname(made)) {
      await this.sync(path.dirname(made))
    }
  }

  #parents(key: string): string[] {
    const segments = key.split('/').slice(0, -1)
    return segments.map((_, index) => path.join(this.#root, ...segments.slice(0, index + 1)))
  }
}

async function mustBeFolder(folder: string): Promise<void> {
  const stat = await lstat(folder)
  if (stat.isDirectory()) return
  if (stat.isSymbolicLink()) {
    throw new ArtError('SYMLINK', 'a folder inside the remote is a symbolic link', {
      path: folder,
      hint: 'Replace the link by the folder, or make the whole remote the link.',
    })
  }
  throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR', path: folder })
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no handle of a folder to sync.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network file systems know no sync of folders.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'EPERM') throw error
  } finally {
    await handle.close()
  }
}
