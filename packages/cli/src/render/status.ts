import type { ArtifactState, ArtifactStatus, StatusResult } from '@art/repo/api.ts'
import type { Ink, Paint } from './color.ts'
import { escapeText, quoteForShell } from './escape.ts'
import { countOf, formatCount, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

const INK: Record<ArtifactState, Ink> = {
  ok: 'dim',
  new: 'green',
  modified: 'yellow',
  missing: 'red',
  'not-in-cache': 'red',
}
const CLOUD = { ok: 'pushed', missing: 'not pushed', incomplete: 'partly pushed' } as const

// So that a hint fits a line of 80.
const LONGEST_TARGET = 20

/** What is not in order, one artifact a line; one sentence where all is. `all` lists the rest too. */
export function renderStatus({ artifacts, failed }: StatusResult, view: View, { all = false } = {}): string {
  const { paint, columns } = view
  if (artifacts.length === 0) return failed.length > 0 ? '' : 'nothing is tracked here yet: `art add <path>` starts'
  const asked = artifacts.some(({ cloud }) => cloud !== undefined)
  const notable = artifacts.filter(({ state, cloud = 'ok' }) => state !== 'ok' || cloud !== 'ok')
  const rows = (all ? artifacts : notable).map((artifact) => row(artifact, paint))
  const table = renderTable(rows, [{}, { flexible: true }, { align: 'right' }, { align: 'right' }, {}, {}], columns)
  const fine = artifacts.length - notable.length
  if (notable.length === 0) {
    const total = artifacts.reduce((sum, { size }) => sum + size, 0)
    const agree = asked
      ? 'workspace, cache and remote have what the pointers name'
      : 'workspace and cache have what the pointers name'
    return [...table, `${countOf(artifacts.length, 'artifact')}, ${formatSize(total)}: ${agree}`].join('\n')
  }
  const rest = fine > 0 && !all ? [paint('dim', `${formatCount(fine)} more ${fine === 1 ? 'is' : 'are'} ok`)] : []
  return [...table, ...rest, ...hints(notable, paint)].join('\n')
}

function row({ path, state, outdated, size, files, changes, cloud }: ArtifactStatus, paint: Paint): string[] {
  return [
    paint(INK[state], outdated ? 'outdated' : state),
    escapeText(path),
    formatSize(size),
    files === undefined ? '' : countOf(files, 'file'),
    changes === undefined ? '' : renderChanges(changes, paint),
    cloud === undefined ? '' : paint(cloud === 'ok' ? 'dim' : 'yellow', CLOUD[cloud]),
  ]
}

/** `+2 ~1 -3` */
function renderChanges({ added, modified, removed }: NonNullable<ArtifactStatus['changes']>, paint: Paint): string {
  return [
    added > 0 ? paint('green', `+${formatCount(added)}`) : '',
    modified > 0 ? paint('yellow', `~${formatCount(modified)}`) : '',
    removed > 0 ? paint('red', `-${formatCount(removed)}`) : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function hints(artifacts: readonly ArtifactStatus[], paint: Paint): string[] {
  const lines: string[] = []
  const say = (found: readonly ArtifactStatus[], text: (target: string) => string): void => {
    const [first] = found
    if (first === undefined) return
    const target = quoteForShell(first.path)
    lines.push(paint('dim', `  ${text(found.length === 1 && target.length <= LONGEST_TARGET ? target : '<path>')}`))
  }
  const inState = (state: ArtifactState) => artifacts.filter((artifact) => artifact.state === state)
  say(
    artifacts.filter(({ outdated }) => outdated),
    (target) => `outdated: \`art pull ${target}\` brings what the pointer names now`,
  )
  say(
    inState('modified').filter(({ outdated, absent }) => !outdated && absent !== undefined),
    (target) => `modified: ${absentText(artifacts)}: \`art pull ${target}\` first, \`art add\` would drop them`,
  )
  say(
    inState('modified').filter(({ outdated, absent }) => !outdated && absent === undefined),
    (target) => `modified: \`art add ${target}\` keeps it, \`art checkout -f ${target}\` drops it`,
  )
  say(inState('missing'), (target) => `missing: \`art checkout ${target}\` brings it back from the cache`)
  say(inState('not-in-cache'), (target) => `not-in-cache: \`art pull ${target}\` fetches it`)
  say(inState('new'), (target) => `new: \`git add ${target}.art\` gives the pointer to git`)
  say(
    artifacts.filter(({ cloud = 'ok' }) => cloud !== 'ok'),
    (target) => `not pushed: \`art push ${target}\` sends it`,
  )
  return lines
}

function absentText(artifacts: readonly ArtifactStatus[]): string {
  const count = artifacts.reduce((sum, { state, absent = 0 }) => sum + (state === 'modified' ? absent : 0), 0)
  return `${countOf(count, 'file')} ${count === 1 ? 'is' : 'are'} absent and not cached`
}
