import type { Phase } from '@art/core'
import { escapeText } from './escape.ts'
import { countOf, formatCount, formatDuration, formatRate, formatSize } from './size.ts'
import { displayWidth } from './width.ts'

export interface PhaseState {
  phase: Phase
  /** The one thing that it is about: `resnet 1.2.0, 3 of 7`. */
  name?: string | undefined
  files: number
  bytes: number
  totalFiles: number
  totalBytes: number
  /** Since the phase began. */
  milliseconds: number
}

const LABELS: Record<Phase, [doing: string, done: string, unit: string]> = {
  scan: ['scanning', 'looking at', 'file'],
  add: ['adding', 'adding', 'file'],
  checkout: ['checking out', 'checking out', 'file'],
  upload: ['uploading', 'sending', 'file'],
  download: ['downloading', 'fetching', 'file'],
  check: ['checking', 'checking', 'artifact'],
  export: ['exporting', 'exporting', 'file'],
  measure: ['reading tensors', 'reading', 'tensor'],
  python: ['running Python', 'running Python', 'file'],
  release: ['releasing', 'releasing', 'version'],
}

/** `uploading   12 %  12,345/100,000 files  123 MB/1.00 GB  45.2 MB/s  12 s left`; of what does not fit, first what tells least goes. */
export function renderProgress(state: PhaseState, columns: number | undefined): string {
  const { phase, name, files, bytes, totalFiles, totalBytes, milliseconds } = state
  const left = timeLeft(state)
  const [doing, , unit] = LABELS[phase]
  const parts = {
    doing: name === undefined ? doing : `${doing} ${escapeText(name)}`,
    share: share(state),
    files:
      files > 0 || totalFiles > 0
        ? `${totalFiles > 0 ? `${formatCount(files)}/` : ''}${countOf(totalFiles || files, unit)}`
        : '',
    bytes:
      bytes > 0 || totalBytes > 0 ? `${formatSize(bytes)}${totalBytes > 0 ? `/${formatSize(totalBytes)}` : ''}` : '',
    rate:
      milliseconds < 200
        ? ''
        : bytes > 0
          ? formatRate(bytes, milliseconds)
          : files > 0
            ? `${formatCount(Math.round((files * 1000) / milliseconds))} ${unit}s/s`
            : '',
    left: left === undefined ? '' : `${formatDuration(left)} left`,
    // Of what has no figures it can only be told that it goes on.
    lasted: files + bytes + totalFiles + totalBytes > 0 || milliseconds < 1000 ? '' : formatDuration(milliseconds),
  }
  const line = (): string =>
    Object.values(parts)
      .filter((part) => part !== '')
      .join('  ')
  for (const part of ['share', 'rate', 'files', 'bytes', 'left'] as const) {
    if (columns === undefined || displayWidth(line()) < columns) break
    parts[part] = ''
  }
  return line()
}

/** `sending 3,000 of 100,000 files, 12 MB of 1 GB` */
export function renderDone({ phase, name, files, bytes, totalFiles, totalBytes }: PhaseState): string {
  const [, done, unit] = LABELS[phase]
  const parts = [
    files > 0 || totalFiles > 0
      ? `${formatCount(files)}${totalFiles > 0 ? ` of ${formatCount(totalFiles)}` : ''} ${unit}s`
      : '',
    bytes > 0 || totalBytes > 0 ? `${formatSize(bytes)}${totalBytes > 0 ? ` of ${formatSize(totalBytes)}` : ''}` : '',
  ].filter((part) => part !== '')
  const about = name === undefined ? '' : ` of ${escapeText(name)}`
  return parts.length === 0 ? '' : `${done} ${parts.join(', ')}${about}`
}

/** Milliseconds; undefined while there is too little to tell from. */
export function timeLeft(state: PhaseState): number | undefined {
  const part = partDone(state)
  if (part === undefined || part === 0 || part >= 1 || state.milliseconds < 1000) return undefined
  return (state.milliseconds * (1 - part)) / part
}

/** What a file takes besides its bytes, as bytes: to open it, name it, put it in place. Thousands of small ones take longer than a large one. */
const FILE_COST = 64 << 10

function partDone({ files, bytes, totalFiles, totalBytes }: PhaseState): number | undefined {
  const total = totalBytes + totalFiles * FILE_COST
  if (total <= 0) return undefined
  return (Math.min(bytes, Math.max(0, totalBytes)) + Math.min(files, Math.max(0, totalFiles)) * FILE_COST) / total
}

function share(state: PhaseState): string {
  const part = partDone(state)
  return part === undefined ? '' : `${Math.floor(part * 100)} %`.padStart(5)
}
