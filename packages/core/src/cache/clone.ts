import { constants, rmSync } from 'node:fs'
import { copyFile, type FileHandle, open } from 'node:fs/promises'

/** From and to which file system one has failed: of the next thousand files each would only be made and removed. */
const refused = new Set<string>()

/**
 * Makes `target`, which must not exist, share the blocks of an open file, where the file system can (XFS, btrfs, bcachefs): nothing is written, no room is
 * taken, and from then on neither changes with the other. Undefined, and nothing at `target`, where it cannot.
 */
export async function cloneFile(
  source: FileHandle,
  target: string,
  { folder, dev }: { folder: string; dev: number },
): Promise<FileHandle | undefined> {
  const between = `${dev} ${folder}`
  // Only Linux names an open file; by its path another one could be cloned that has just taken its place.
  if (process.platform !== 'linux' || refused.has(between)) return
  const flags = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL
  try {
    await copyFile(`/proc/self/fd/${source.fd}`, target, flags)
    return await open(target, 'r')
  } catch {
    // What is wrong beside that, a copy finds too.
    refused.add(between)
    rmSync(target, { force: true })
    return
  }
}
