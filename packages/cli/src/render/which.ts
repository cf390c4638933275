import type { WhichResult } from '@art/repo/stage-api.ts'
import { escapeText } from './escape.ts'
import { shownMoment, shownPerson } from './moment.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

/** The version first, for people and for scripts; then where its data is. */
export function renderWhich(result: WhichResult, { paint }: View, { quiet }: { quiet: boolean }): string {
  const { name, version, stage, commit, oid, path, tag, since, by, at, deprecated } = result
  if (quiet) return version ?? commit
  const event = `${stage === undefined ? 'released' : `${escapeText(stage)} since`} ${shownMoment(since)} UTC, ${escapeText(shownPerson(by))}`
  const rows = [
    ['path', path === null ? paint('dim', 'not known: neither its tag nor its commit says it') : escapeText(path)],
    ['oid', oid ?? paint('dim', 'not known')],
    ['commit', commit],
    ['tag', escapeText(tag)],
  ]
  const table = renderTable(
    rows.map(([key, value]) => [paint('dim', key!), value!]),
    [{}, {}],
    undefined,
  )
  return [
    `${paint('bold', `${escapeText(name)} ${version ?? 'without a version'}`)}  ${paint('dim', event)}`,
    ...(at === undefined ? [] : [paint('dim', `  as it was at ${shownMoment(at)} UTC`)]),
    ...(deprecated ? [paint('yellow', '  deprecated: a tag says that it is no longer to be used')] : []),
    ...table.map((line) => `  ${line}`),
  ].join('\n')
}
