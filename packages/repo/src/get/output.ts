import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import { unsafeName } from '@art/core/pointer/name.ts'
import { isOwnerGone, noteOwner } from '../workspace/owner.ts'

/** Where something is put. */
export interface Output {
  absolute: string
  /** From where the user is. */
  typed: string
  present: 'nothing' | 'file' | 'folder' | 'link'
}

const REPLACED = 'replaced'

/**
 * The file or folder to write: that which is named, in it where it is a folder, or here under its own name. Fails with `NOT_FOUND` where there is no
 * folder for it, with `PATH_UNSAFE` for a name that a stranger chose badly, and with `UNSUPPORTED` where a device, a pipe or a socket is.
 */
export function outputOf(cwd: string, own: string, output: string | undefined): Output {
  const name = posix.basename(own)
  const given = output === undefined ? undefined : statSync(resolve(cwd, output), { throwIfNoEntry: false })
  const isInto = output === undefined || given?.isDirectory() === true || /[/\\]$/.test(output)
  const why = isInto ? unsafeName(name) : undefined
  if (why !== undefined)
    throw new ArtError('PATH_UNSAFE', `its own name is refused: ${why}`, { path: name, hint: 'Name a file with -o.' })
  const typed = isInto ? (output === undefined ? name : join(output, name)) : output
  const absolute = resolve(cwd, typed)
  if (statSync(dirname(absolute), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ArtError('NOT_FOUND', `there is no folder for ${typed}`, { path: typed, hint: 'Make the folder first.' })
  const stat = lstatSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined) return { absolute, typed, present: 'nothing' }
  const present = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : undefined
  if (present !== undefined) return { absolute, typed, present }
  throw new ArtError('UNSUPPORTED', 'this is neither a file nor a folder, and none is put in its place', {
    path: typed,
    hint: 'Name a file with -o.',
  })
}

const SCRATCH = '.art-get-'
const OWNER = 'owner'
/** Names the output. What it says is compared alone. */
const OUTPUT = 'output'

/**
 * Runs `work` with a folder beside an output, for what is not complete yet; git does not see it, and it is gone afterwards. Where a process was
 * killed, the next one for the same output takes its folder away.
 */
export async function withScratch<T>({ absolute }: Output, work: (scratch: string) => Promise<T>): Promise<T> {
  let scratch: string
  try {
    removeAbandoned(absolute)
    scratch = realpathSync.native(mkdtempSync(join(dirname(absolute), SCRATCH)))
    noteOwner(join(scratch, OWNER))
    writeFileSync(join(scratch, OUTPUT), basename(absolute))
    writeFileSync(join(scratch, '.gitignore'), '*\n')
  } catch (error) {
    throw fromSystemError(error, dirname(absolute))
  }
  try {
    return await work(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** One for another output may hold what `publish` was about to replace there. */
function removeAbandoned(absolute: string): void {
  const folder = dirname(absolute)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const scratch = join(folder, entry.name)
    if (!entry.name.startsWith(SCRATCH) || !entry.isDirectory() || !isOwnerGone(join(scratch, OWNER))) continue
    // With what was replaced in it the command was killed at the very end: that is a person's.
    if (lstatSync(join(scratch, REPLACED), { throwIfNoEntry: false }) !== undefined) continue
    try {
      if (readPlainFile(join(scratch, OUTPUT), { max: 4096 }).toString('utf8') === basename(absolute))
        rmSync(scratch, { recursive: true, force: true })
    } catch {
      // It is not all there, or somebody else takes it away.
    }
  }
}

/** Puts what is complete in its place. What was there goes only then. Fails with `WOULD_OVERWRITE` where something has come meanwhile. */
export function publish(complete: string, { absolute, typed }: Output, scratch: string, force: boolean): void {
  const there = lstatSync(absolute, { throwIfNoEntry: false })
  if (there !== undefined && !force) throw wouldOverwrite(typed)
  const isFolder = lstatSync(complete).isDirectory()
  const old = join(scratch, REPLACED)
  try {
    if (there !== undefined && (isFolder || there.isDirectory())) renameSync(absolute, old)
    renameSync(complete, absolute)
  } catch (error) {
    if (lstatSync(old, { throwIfNoEntry: false }) !== undefined) renameSync(old, absolute)
    throw fromSystemError(error, typed)
  }
}

export function wouldOverwrite(path: string): ArtError {
  return new ArtError('WOULD_OVERWRITE', 'something else is there', {
    path,
    hint: 'Name another file with -o, or replace it with --force.',
  })
}

/** A link that stays in the whole directory may leave a part of it. Fails with `SYMLINK`. */
export function refuseLinksOut(part: string, shown: string): void {
  const folders = lstatSync(part).isDirectory() ? [part] : []
  if (lstatSync(part).isSymbolicLink()) throw leadsOut(shown)
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(path)
      if (!entry.isSymbolicLink()) continue
      const target = relative(part, resolve(folder, readlinkSync(path)))
      if (isAbsolute(target) || target === '..' || target.startsWith(`..${sep}`))
        throw leadsOut(join(shown, relative(part, path)))
    }
  }
}

function leadsOut(path: string): ArtError {
  return new ArtError('SYMLINK', 'this link leads out of what was asked for', {
    path,
    hint: `Get the whole directory of ${basename(path)}.`,
  })
}
