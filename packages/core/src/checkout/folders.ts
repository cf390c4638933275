import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ArtError, fromSystemError } from '../error.ts'
import { parentOf } from '../index/section.ts'
import { inTheWay, nameCollision } from './refusal.ts'

/** Makes the folders of a tree below `directory`, which exists. Nothing is ever written through a symbolic link in a folder's place. */
export class FolderMaker {
  readonly #directory: string
  readonly #fresh: boolean
  readonly #made = new Map<string, ArtError | undefined>([['', undefined]])

  /** `fresh`: nothing was in the directory, so a folder that is there has another folder's name. */
  constructor(directory: string, fresh: boolean) {
    this.#directory = directory
    this.#fresh = fresh
  }

  /** Makes a folder and those above it. Fails the same way each time. */
  make(path: string): void {
    if (!this.#made.has(path)) {
      this.#made.set(path, undefined)
      try {
        this.make(parentOf(path))
        this.#makeOne(join(this.#directory, path))
      } catch (error) {
        this.#made.set(path, fromSystemError(error, join(this.#directory, path)))
      }
    }
    const failure = this.#made.get(path)
    if (failure !== undefined) throw failure
  }

  #makeOne(path: string): void {
    try {
      mkdirSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (this.#fresh) throw nameCollision(path, error)
      if (!lstatSync(path).isDirectory()) throw inTheWay(path, 'something that is no folder', error)
    }
  }
}
