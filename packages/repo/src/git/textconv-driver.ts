import type { Repo } from '../open.ts'
import { runGit } from './run.ts'

const KEY = 'diff.art.textconv'

/** Git runs it in a shell with the file's path behind it. Where there is no art, a pointer is text as it is, and `git diff` goes on. */
const COMMAND = 'f() { if command -v art >/dev/null 2>&1; then art diff --textconv "$1"; else cat "$1"; fi; }; f'

/** Tells git how to show pointers in `git diff` and `git log -p`; with `remove`, no longer. What somebody else configured stays. */
export async function setTextconv(repo: Repo, remove: boolean): Promise<void> {
  if (repo.gitRoot === undefined) return
  const answer = await runGit(repo, ['config', '--local', '--get', KEY], { codes: [0, 1], cwd: repo.gitRoot })
  const value = answer.stdout.toString('utf8').replace(/\r?\n$/, '')
  const isOwn = value.includes('art diff --textconv')
  if (remove) {
    // 5: somebody else was faster.
    if (isOwn) await runGit(repo, ['config', '--local', '--unset', KEY], { codes: [0, 5], cwd: repo.gitRoot })
  } else if (value === '' || (isOwn && value !== COMMAND))
    await runGit(repo, ['config', '--local', KEY, COMMAND], { cwd: repo.gitRoot })
}
