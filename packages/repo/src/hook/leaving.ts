import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { CallOptions } from '@art/core'
import { findRev, pointersInCommits, refTips } from '../git/history.ts'
import type { Repo } from '../open.ts'

/** What a `git push` is about to send. */
export interface Leaving {
  commits: string[]
  /** `path` is the data's, as the commit has it; one path may come with several versions. */
  pointers: { path: string; pointer: Pointer }[]
}

/**
 * Reads what git gives a pre-push hook: lines `<local ref> <local oid> <remote ref> <remote oid>`. Commits that the git remote is known
 * to have do not count. A pointer that cannot be read stands for no content: it is warned about and left out.
 */
export async function leavingPointers(
  repo: Repo,
  remote: string,
  input: string,
  options: CallOptions = {},
): Promise<Leaving> {
  const starts: string[] = []
  const excluded = await refTips(repo, `remotes/${remote}`)
  for (const line of input.split('\n')) {
    const [, local, , there] = line.split(' ')
    if (local === undefined || isNothing(local)) continue
    starts.push(local)
    if (there !== undefined && !isNothing(there)) {
      const known = await findRev(repo, there)
      if (known !== undefined) excluded.push(known)
    }
  }
  const { commits, pointers } = await pointersInCommits(repo, starts, excluded)
  const leaving = new Map<string, Leaving['pointers'][number]>()
  for (const { path, text } of pointers) {
    try {
      const pointer = await parsePointer(text, { path })
      const data = path.slice(0, path.lastIndexOf('/') + 1) + pointer.path
      leaving.set(`${pointer.kind}${pointer.oid} ${data}`, { path: data, pointer })
    } catch (error) {
      options.onEvent?.({
        type: 'warning',
        message: `a leaving commit has a broken pointer: ${(error as Error).message}`,
        path,
      })
    }
  }
  return { commits, pointers: [...leaving.values()] }
}

function isNothing(oid: string): boolean {
  return /^0+$/.test(oid)
}
