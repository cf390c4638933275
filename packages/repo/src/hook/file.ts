import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { ArtError, fromSystemError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import { FRAMEWORK, type HookScript, KEPT_SUFFIX, readHookScript, writeHookScript } from './script.ts'

/** A hook may be a program. */
const MAX_HOOK_BYTES = 64 << 20

/** What `pre-commit install` renames a hook to that it finds. */
const MOVED_SUFFIX = '.legacy'

/** Writes art's hook, or adds a root to it; a hook that is there already is kept beside and chained. */
export function installHook(path: string, script: HookScript): { chained: boolean } {
  const own = [path, path + MOVED_SUFFIX].find((candidate) => rootsIn(candidate) !== undefined)
  const roots = [...new Set([...(rootsIn(own ?? path) ?? []), ...script.roots])].sort()
  const kept = path + KEPT_SUFFIX
  if (own === undefined && isThere(path)) {
    if (isThere(kept)) {
      throw new ArtError('HOOK', 'there is a hook, and another one that was kept earlier', {
        path,
        hint: `Merge ${kept} into it or delete one of them, then run \`art install\` again.`,
      })
    }
    renameSync(path, kept)
  }
  const text = writeHookScript({ ...script, roots })
  const target = own ?? path
  if (readText(target) !== text) atomicWriteSync(target, text, { mode: 0o755 })
  return { chained: isThere(kept) }
}

/** Takes a root out of art's hook; with the last one the hook goes, and the one kept beside comes back. Says whether it was there. */
export function removeHook(path: string, script: HookScript): boolean {
  let found = false
  for (const own of [path, path + MOVED_SUFFIX]) {
    const roots = rootsIn(own)
    if (!script.roots.some((root) => roots?.includes(root))) continue
    found = true
    const rest = roots!.filter((root) => !script.roots.includes(root))
    if (rest.length > 0) atomicWriteSync(own, writeHookScript({ ...script, roots: rest }), { mode: 0o755 })
    else if (own !== path && readText(path + KEPT_SUFFIX)?.includes(FRAMEWORK)) {
      // An earlier copy of what stands in front now.
      rmSync(path + KEPT_SUFFIX)
      rmSync(own)
    } else if (isThere(path + KEPT_SUFFIX)) renameSync(path + KEPT_SUFFIX, own)
    else rmSync(own)
  }
  return found
}

function rootsIn(path: string): readonly string[] | undefined {
  const text = readText(path)
  return text === undefined ? undefined : readHookScript(text)
}

function readText(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  try {
    return readPlainFile(path, { max: MAX_HOOK_BYTES, code: 'HOOK', follow: true }).toString('utf8')
  } catch (error) {
    throw fromSystemError(error, path)
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
