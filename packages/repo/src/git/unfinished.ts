import type { Repo } from '../open.ts'
import { blobTexts } from './blob.ts'
import type { CommittedFile } from './commit-files.ts'
import { gitPrefix } from './line.ts'
import { items, runGit } from './run.ts'
import { settleFiles } from './settle-files.ts'
import { changedFiles, isIndexLocked, operationUnderWay } from './state.ts'

/**
 * `finishPublication` where something is not as HEAD has it. Whoever makes a publication asks for it before anything is decided: what was killed may be all
 * that is wanted, and then nothing else would bring the files along. Where git is busy, the gates that follow say so.
 */
export async function catchUp(repo: Repo): Promise<void> {
  if (operationUnderWay(repo) !== undefined || isIndexLocked(repo)) return
  if ((await changedFiles(repo)).length > 0) await finishPublication(repo)
}

/**
 * Brings the working tree and the index along where a command was killed after its commit stood: the reflog says that art made it. What somebody has
 * changed since stays as it is. Returns whether there was such a commit.
 */
export async function finishPublication(repo: Repo): Promise<boolean> {
  const { code, stdout } = await runGit(repo, ['log', '-g', '-1', '--format=%gs%x00%P', 'HEAD', '--'], {
    codes: [0, 128],
  })
  const [reason = '', parents = ''] = code === 0 ? stdout.toString('utf8').trim().split('\0') : []
  if (!reason.startsWith('art: ') || !/^[0-9a-f]+$/.test(parents)) return false
  const parts = items(
    await runGit(repo, ['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-abbrev', parents, 'HEAD']),
  )
  const prefix = gitPrefix(repo)
  const changed: { path: string; blob: string }[] = []
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const path = parts[at + 1]!
    if (path.startsWith(prefix)) changed.push({ path: path.slice(prefix.length), blob: parts[at]!.split(' ')[3]! })
  }
  const texts = await blobTexts(
    repo,
    changed.map(({ blob }) => blob).filter((blob) => !/^0+$/.test(blob)),
  )
  const files = changed.map(({ path, blob }): CommittedFile => ({ path, text: texts.get(blob) }))
  await settleFiles(repo, files, { base: parents })
  return true
}
