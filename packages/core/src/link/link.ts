import { chmodSync, constants, copyFileSync, linkSync, rmSync, symlinkSync } from 'node:fs'
import { ArtError, fromSystemError } from '../error.ts'

export type LinkType = 'reflink' | 'copy' | 'hardlink' | 'symlink'

export const LINK_TYPES: readonly LinkType[] = ['reflink', 'copy', 'hardlink', 'symlink']

const CANNOT = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY', 'EPERM', 'EMLINK', 'EACCES'])

/** Brings a whole object to `target`, which must not exist, by the first type that the file system allows. */
export class Linker {
  readonly #types: LinkType[]
  readonly #umask: number
  /** Types that turned out not to work here. */
  readonly refused: LinkType[] = []

  constructor(types: readonly LinkType[], umask = process.umask()) {
    this.#types = [...types]
    this.#umask = umask
  }

  link(object: string, target: string, executable: boolean): LinkType {
    for (const type of [...this.#types]) {
      try {
        this.#make(type, object, target, executable)
        return type
      } catch (error) {
        rmSync(target, { force: true })
        const { code } = error as NodeJS.ErrnoException
        if (type === 'copy' || code === undefined || !CANNOT.has(code)) throw fromSystemError(error, target)
        this.#types.splice(this.#types.indexOf(type), 1)
        this.refused.push(type)
      }
    }
    if (this.#types.includes('copy')) throw new ArtError('IO', 'cannot be linked', { path: target })
    this.#types.push('copy')
    return this.link(object, target, executable)
  }

  #make(type: LinkType, object: string, target: string, executable: boolean): void {
    switch (type) {
      case 'reflink':
        copyFileSync(object, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)
        return chmodSync(target, this.mode(executable))
      case 'copy':
        copyFileSync(object, target, constants.COPYFILE_EXCL)
        return chmodSync(target, this.mode(executable))
      case 'hardlink':
        return linkSync(object, target)
      case 'symlink':
        return symlinkSync(object, target)
    }
  }

  mode(executable: boolean): number {
    return (executable ? 0o777 : 0o666) & ~this.#umask
  }
}
