import type { ArchiveResult, UnarchiveResult } from '@art/repo/cleaning-api.ts'
import { escapeText, quoteForShell } from './escape.ts'
import { gitAddLines } from './git-add.ts'
import { formatSize } from './size.ts'
import type { View } from './view.ts'

interface Options {
  dryRun: boolean
}

/** A line for each that went, what follows it, and the command for git. */
export function renderArchive(result: ArchiveResult, { paint }: View, { dryRun }: Options): string {
  const { archived, remote, files, tar, gitPaths, staged, failed } = result
  if (archived.length === 0) return failed.length > 0 ? '' : 'nothing to do: it is archived already'
  const kept = `kept on ${escapeText(remote)}`
  const lines = archived.map(({ path, from, release, size }) => {
    const what = from === null || from === path ? escapeText(path) : `${escapeText(from)} → ${escapeText(path)}`
    const name = release === undefined ? '' : `${escapeText(release)}: `
    return `${dryRun ? 'would archive' : 'archived'} ${name}${what}  ${formatSize(size)}, ${kept}`
  })
  return [
    ...lines,
    ...(tar === undefined ? [] : [`wrote ${escapeText(tar.path)}  ${formatSize(tar.size)}`]),
    ...(files.length === 0 ? [] : [paint('dim', `changed: ${files.map(escapeText).join(', ')}`)]),
    ...gitAddLines(gitPaths, staged, paint),
  ].join('\n')
}

export function renderUnarchive(result: UnarchiveResult, { paint }: View, { dryRun }: Options): string {
  const { unarchived, files, gitPaths, staged } = result
  if (unarchived.length === 0) return ''
  const lines = unarchived.map(({ path, from, release, size, state }) => {
    const name = release === undefined ? '' : `${escapeText(release)}: `
    const where =
      path === null ? `${escapeText(from)} is archived no longer` : `${escapeText(from)} → ${escapeText(path)}`
    return `${dryRun ? 'would bring back' : 'back'} ${name}${where}  ${formatSize(size)}${state === 'not-in-cache' ? ', not in the cache' : ''}`
  })
  const absent = unarchived.flatMap(({ path, state }) => (state === 'not-in-cache' && path !== null ? [path] : []))
  return [
    ...lines,
    ...(files.length === 0 ? [] : [paint('dim', `changed: ${files.map(escapeText).join(', ')}`)]),
    ...(absent.length === 0
      ? []
      : ['', paint('dim', 'next, for the data:'), `  art pull ${absent.map(quoteForShell).join(' ')}`]),
    ...gitAddLines(gitPaths, staged, paint),
  ].join('\n')
}
