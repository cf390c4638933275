import type { DuArtifact, DuResult, DuShare } from '@art/repo/cleaning-api.ts'
import { escapeText } from './escape.ts'
import { countOf, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

const RIGHT = { align: 'right' } as const
const STATES = { ok: '', missing: 'not pushed', incomplete: 'partly pushed' } as const

/** A line for each artifact, the largest first; a line for all of them; and what else the cache holds. */
export function renderDu({ artifacts, total, cache, remote, failed }: DuResult, { paint, columns }: View): string {
  if (artifacts.length === 0) return failed.length > 0 ? '' : 'nothing is tracked here yet: `art add <path>` starts'
  const far = remote !== undefined
  const place = far ? escapeText(remote) : ''
  const heads = [
    ...(far ? [['', 'here', 'here', place, place]] : []),
    ['size', 'unique', 'shared', ...(far ? ['unique', 'shared'] : []), 'path', ''],
  ]
  const rows = [
    ...heads,
    ...artifacts.map((artifact) => rowOf(artifact, far)),
    [
      formatSize(total.logical),
      formatSize(total.here.stored),
      '',
      ...(far ? [formatSize(total.remote?.stored ?? 0), ''] : []),
      `${countOf(artifacts.length, 'artifact')}, each byte once`,
      total.here.absent > 0 ? `${formatSize(total.here.absent)} not in the cache` : '',
    ],
  ]
  const lines = renderTable(
    rows,
    [RIGHT, RIGHT, RIGHT, ...(far ? [RIGHT, RIGHT] : []), { flexible: 'apart' }, {}],
    columns,
  )
  const other =
    cache.unnamed > 0
      ? [paint('dim', `the cache has ${formatSize(cache.unnamed)} more that no pointer of the workspace names`)]
      : []
  return [...lines.map((line, at) => (at < heads.length ? paint('dim', line) : line)), ...other].join('\n')
}

function rowOf({ path, logical, files, here, remote }: DuArtifact, far: boolean): string[] {
  const notes = [
    files === undefined ? '' : countOf(files, 'file'),
    here.absent === 0
      ? ''
      : here.absent >= logical
        ? 'not in the cache'
        : `${formatSize(here.absent)} not in the cache`,
    remote === undefined ? '' : STATES[remote.state],
  ]
  return [
    formatSize(logical),
    ...sizes(here),
    ...(far ? sizes(remote) : []),
    escapeText(path),
    notes.filter((note) => note !== '').join(', '),
  ]
}

function sizes(share: DuShare | undefined): string[] {
  return share === undefined ? ['', ''] : [formatSize(share.unique), formatSize(share.shared)]
}
