import { existsSync, statSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { ArtError } from '@art/core'
import { POINTER_SUFFIX } from '@art/core/pointer/name.ts'
import type { PullWeightsOptions } from '../model-api.ts'
import type { Repo } from '../open.ts'
import { assertInside, typedPath } from '../target/path.ts'
import { safetensorsName } from './save-weights.ts'

/** Where the weights of one model go. */
export interface Place {
  absolute: string
  /** From where the user is. */
  typed: string
}

/** Decides where the weights of each model go; models that are safetensors files already go where they belong. */
export class Places {
  /** Paths of artifacts of which nothing would be left out. */
  readonly whole: string[] = []
  readonly #repo: Repo
  readonly #output: string | undefined
  readonly #rev: string | undefined
  readonly #taken = new Map<string, string>()

  constructor(repo: Repo, { output, rev }: Pick<PullWeightsOptions, 'output' | 'rev'>) {
    this.#repo = repo
    this.#output = output
    this.#rev = rev
  }

  /** Undefined for one that is pulled as a whole. Fails with `OVERLAP` where something else belongs there. */
  of(path: string, { isRelease = false } = {}): Place | undefined {
    const usual = safetensorsName(path)
    if (this.#output !== undefined) return this.#chosen(this.#output, posix.basename(usual))
    if (usual === path && this.#rev === undefined && !isRelease) {
      this.whole.push(path)
      return undefined
    }
    assertInside(this.#repo, usual)
    const absolute = join(this.#repo.root, usual)
    const other = existsSync(absolute + POINTER_SUFFIX) ? usual : this.#taken.get(usual)
    if (other !== undefined) {
      throw new ArtError('OVERLAP', `its weights would be written to ${usual}, which is the place of ${other}`, {
        path,
        hint: `Name another file: \`art pull --only weights ${path} -o <file>\`.`,
      })
    }
    this.#taken.set(usual, `the weights of ${path}`)
    return { absolute, typed: typedPath(this.#repo, usual) }
  }

  #chosen(output: string, name: string): Place {
    const given = resolve(this.#repo.cwd, output)
    const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() === true
    return isFolder
      ? { absolute: join(given, name), typed: posix.join(output, name) }
      : { absolute: given, typed: output }
  }
}
