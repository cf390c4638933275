import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { median } from './measure.mjs'
import { LIMIT_ROWS, TIME_ROWS } from './rows.mjs'

/**
 * @param {Map<string, Record<string, { seconds: number, peak?: number }[]>>} times row → tool → measurements
 * @param {Map<string, number>} facts
 * @returns {{ markdown: string, failed: string[] }}
 */
export function report(times, facts) {
  const failed = []
  const lines = []
  const timed = TIME_ROWS.filter(({ id }) => times.has(id))
  if (timed.length > 0) {
    lines.push(
      '| step | DVC s | art s | DVC / art | bar | aim | | art peak MB | runs |',
      '| --- | --: | --: | --: | --: | --: | --- | --: | --: |',
    )
    for (const row of timed) lines.push(timeLine(row, times.get(row.id), failed))
  }
  const unsynced = timed.filter(({ id }) => times.get(id).art && times.get(id).unsynced)
  if (unsynced.length > 0) {
    lines.push('', '| step | art s | with an `fsync` that does nothing | DVC / that |', '| --- | --: | --: | --: |')
    for (const { id, title } of unsynced) {
      const { DVC, art, unsynced: without } = times.get(id)
      const theirs = seconds(DVC)
      lines.push(
        `| ${[title, show(seconds(art)), show(seconds(without)), show(theirs && theirs / seconds(without))].join(' | ')} |`,
      )
    }
  }
  const limits = LIMIT_ROWS.filter(({ id }) => facts.has(id))
  if (limits.length > 0) {
    if (lines.length > 0) lines.push('')
    lines.push('| figure | measured | at most | aim | |', '| --- | --: | --: | --: | --- |')
    for (const row of limits) lines.push(limitLine(row, facts.get(row.id), failed))
  }
  return { markdown: lines.join('\n'), failed }
}

function seconds(measurements) {
  return measurements ? median(measurements.map((one) => one.seconds)) : undefined
}

function timeLine({ title, bar, aim }, { DVC, art }, failed) {
  const [theirs, ours] = [seconds(DVC), seconds(art)]
  const ratio = theirs && ours ? theirs / ours : undefined
  if (ratio !== undefined && ratio < bar) failed.push(title)
  const peak = art ? Math.max(...art.map((one) => one.peak ?? 0)) / 1e6 : undefined
  const verdict = ratio === undefined ? '' : ratio < bar ? 'below the bar' : ratio < aim ? 'ok' : 'at the aim'
  const runs = Math.max(DVC?.length ?? 0, art?.length ?? 0)
  const cells = [
    title,
    show(theirs),
    show(ours),
    show(ratio),
    bar,
    aim,
    verdict,
    peak === undefined ? '–' : peak.toFixed(0),
    runs,
  ]
  return `| ${cells.join(' | ')} |`
}

function limitLine({ title, bar, aim, unit }, value, failed) {
  const ok = value <= bar
  if (!ok) failed.push(title)
  const verdict =
    bar === Infinity ? '' : ok ? (aim === undefined || value <= aim ? 'ok, at the aim' : 'ok') : 'over the bar'
  const shown = unit === '' ? String(value) : `${show(value)} ${unit}`
  return `| ${[title, shown, bar === Infinity ? '–' : bar, aim ?? '–', aim === undefined ? verdict.replace(', at the aim', '') : verdict].join(' | ')} |`
}

function show(value) {
  if (value === undefined) return '–'
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** The machine and the versions, one line a fact. */
export function machine(base, versions) {
  const cpu = os.cpus()
  const disk = execFileSync('df', ['-PT', base], { encoding: 'utf8' }).trim().split('\n')[1].split(/\s+/)
  return [
    `- ${new Date().toISOString().slice(0, 10)}; ${cpu.length} × ${cpu[0]?.model.trim()}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, ${os.type()} ${os.release()}, ${disk[1]} on ${disk[0]}`,
    `- Node ${process.versions.node}, ${versions.join(', ')}`,
    `- load average before the run: ${readLoad()}`,
  ].join('\n')
}

function readLoad() {
  try {
    return readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ')
  } catch {
    return os
      .loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')
  }
}
