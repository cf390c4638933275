import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ArtError, fromSystemError } from '../error.ts'
import { parentOf } from '../index/section.ts'
import { inTheWay, nameCollision } from './refusal.ts'
import type { Place } from './write.ts'

/** Makes the folders of a tree in a directory, which exists. Nothing is ever written through a symbolic link in a folder's place. */
export class FolderMaker {
  readonly #place: Place
  readonly #fresh: boolean
  readonly #made = new Map<string, ArtError | undefined>([['', undefined]])

  /** `fresh`: nothing was in the directory, so a folder that is there has another folder's name. */
  constructor(place: Place, fresh: boolean) {
    this.#place = place
    this.#fresh = fresh
  }

  /** Makes a folder and those above it. Fails the same way each time. */
  make(path: string): void {
    if (!this.#made.has(path)) {
      this.#made.set(path, undefined)
      try {
        this.make(parentOf(path))
        this.#makeOne(path)
      } catch (error) {
        this.#made.set(path, fromSystemError(error, join(this.#place.shown, path)))
      }
    }
    const failure = this.#made.get(path)
    if (failure !== undefined) throw failure
  }

  #makeOne(path: string): void {
    const absolute = join(this.#place.directory, path)
    const shown = join(this.#place.shown, path)
    try {
      mkdirSync(absolute)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (this.#fresh) throw nameCollision(shown, error)
      if (!lstatSync(absolute).isDirectory()) throw inTheWay(shown, 'something that is no folder', error)
    }
  }
}
