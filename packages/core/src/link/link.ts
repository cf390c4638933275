import { chmodSync, constants, copyFileSync, linkSync, rmSync, symlinkSync } from 'node:fs'
import type { Oid } from '../oid.ts'
import { copyVerified } from './copy.ts'

export type LinkType = 'reflink' | 'copy' | 'hardlink' | 'symlink'

export const LINK_TYPES: readonly LinkType[] = ['reflink', 'copy', 'hardlink', 'symlink']

const CANNOT = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY', 'EPERM', 'EMLINK', 'EACCES'])

/** Brings a whole object to `target`, which must not exist, by the first type that the file system allows; in the end by copying. */
export class Linker {
  readonly #types: LinkType[]
  readonly #umask: number
  /** Types that turned out not to work here. */
  readonly refused: LinkType[] = []

  constructor(types: readonly LinkType[], umask = process.umask()) {
    this.#types = [...types]
    this.#umask = umask
  }

  /** Leaves nothing at `target` when it fails. Fails with the system's error as it is, and as `copyVerified` does. */
  link(object: string, target: string, executable: boolean, oid: Oid): LinkType {
    for (const type of [...this.#types, 'copy' as const]) {
      if (executable && sharesMode(type)) continue
      try {
        this.#make(type, object, target, executable, oid)
        return type
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EEXIST') throw error
        rmSync(target, { force: true })
        if (type === 'copy' || code === undefined || !CANNOT.has(code)) throw error
        this.#types.splice(this.#types.indexOf(type), 1)
        this.refused.push(type)
      }
    }
    throw new RangeError('copying neither worked nor failed')
  }

  mode(executable: boolean): number {
    return (executable ? 0o777 : 0o666) & ~this.#umask
  }

  #make(type: LinkType, object: string, target: string, executable: boolean, oid: Oid): void {
    switch (type) {
      case 'reflink':
        copyFileSync(object, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)
        return chmodSync(target, this.mode(executable))
      case 'copy':
        copyVerified(object, target, oid)
        return chmodSync(target, this.mode(executable))
      case 'hardlink':
        return linkSync(object, target)
      case 'symlink':
        return symlinkSync(object, target)
    }
  }
}

/** Links have the object's own mode, and objects are not executable. */
export function sharesMode(type: LinkType): boolean {
  return type === 'hardlink' || type === 'symlink'
}
