import { join } from 'node:path'
import { fromSystemError } from '@art/core'
import { readSmallText } from '@art/core/fs/read-text.ts'
import ignore, { type Ignore } from 'ignore'
import type { Repo } from '../open.ts'

/** Is this left out of the tracked directory? `path` is relative to that directory; nobody asks below a folder that is left out. */
export type ArtIgnore = (path: string, isFolder: boolean) => boolean

/** The rules of one `.artignore`; paths for it start after `prefix`. */
interface Rules {
  prefix: string
  test: (path: string) => { ignored: boolean; unignored: boolean }
}

/** The library remembers every path it is asked about; this many are enough. */
const REMEMBERED = 50_000

/**
 * Reads `.artignore` files (gitignore syntax) from the repository's root down to the tracked directory, and those inside it as they
 * are met. A deeper file overrides a higher one.
 */
export async function loadArtIgnore(repo: Pick<Repo, 'root'>, directory: string): Promise<ArtIgnore> {
  const load = (folder: string): Rules[] => {
    const text = readText(join(repo.root, folder, '.artignore'))
    if (text === undefined) return []
    let rules: Ignore | undefined
    let asked = 0
    const test = (path: string) => {
      if (asked++ % REMEMBERED === 0) rules = undefined
      rules ??= ignore({ ignorecase: false }).add(text)
      return rules.test(path)
    }
    return [{ prefix: folder === '' ? '' : `${folder}/`, test }]
  }
  const folders = directory.split('/').filter((segment) => segment !== '')
  const above = ['', ...folders.map((_, i) => folders.slice(0, i + 1).join('/'))].flatMap(load)
  const known = new Map<string, Rules[]>([['', above]])
  const rulesOf = (folder: string): Rules[] => {
    const found = known.get(folder)
    if (found !== undefined) return found
    const slash = folder.lastIndexOf('/')
    const rules = [...rulesOf(slash < 0 ? '' : folder.slice(0, slash)), ...load([...folders, folder].join('/'))]
    known.set(folder, rules)
    return rules
  }
  return (path, isFolder) => {
    const slash = path.lastIndexOf('/')
    const rules = rulesOf(slash < 0 ? '' : path.slice(0, slash))
    if (rules.length === 0) return false
    const full = `${[...folders, path].join('/')}${isFolder ? '/' : ''}`
    for (let i = rules.length - 1; i >= 0; i--) {
      const verdict = rules[i]!.test(full.slice(rules[i]!.prefix.length))
      if (verdict.ignored) return true
      if (verdict.unignored) return false
    }
    return false
  }
}

function readText(path: string): string | undefined {
  try {
    return readSmallText(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') return undefined
    throw fromSystemError(error, path)
  }
}
