import type { Phase } from '@art/core'
import { countOf, formatCount, formatDuration, formatRate, formatSize } from './size.ts'
import { displayWidth } from './width.ts'

export interface PhaseState {
  phase: Phase
  files: number
  bytes: number
  totalFiles: number
  totalBytes: number
  /** Since the phase began. */
  milliseconds: number
}

const LABELS: Record<Phase, [doing: string, done: string]> = {
  scan: ['scanning', 'looking at'],
  add: ['adding', 'adding'],
  checkout: ['checking out', 'checking out'],
  upload: ['uploading', 'sending'],
  download: ['downloading', 'fetching'],
  check: ['checking', 'checking'],
  export: ['exporting', 'exporting'],
}

/** `uploading  12,345/100,000 files  123 MB/1.00 GB  45.2 MB/s  12 s left`; drops what does not fit, from the end. */
export function renderProgress(state: PhaseState, columns: number | undefined): string {
  const { phase, files, bytes, totalFiles, totalBytes, milliseconds } = state
  const left = timeLeft(state)
  const parts = [
    LABELS[phase][0],
    share(totalBytes > 0 ? bytes / totalBytes : totalFiles > 0 ? files / totalFiles : undefined),
    files > 0 || totalFiles > 0
      ? `${totalFiles > 0 ? `${formatCount(files)}/` : ''}${countOf(totalFiles || files, 'file')}`
      : '',
    bytes > 0 || totalBytes > 0 ? `${formatSize(bytes)}${totalBytes > 0 ? `/${formatSize(totalBytes)}` : ''}` : '',
    milliseconds < 200
      ? ''
      : bytes > 0
        ? formatRate(bytes, milliseconds)
        : files > 0
          ? `${formatCount(Math.round((files * 1000) / milliseconds))} files/s`
          : '',
    left === undefined ? '' : `${formatDuration(left)} left`,
  ].filter((part) => part !== '')
  let line = parts.join('  ')
  while (columns !== undefined && parts.length > 1 && displayWidth(line) >= columns) {
    parts.pop()
    line = parts.join('  ')
  }
  return line
}

/** `sending 3,000 of 100,000 files, 12 MB of 1 GB` */
export function renderDone({ phase, files, bytes, totalFiles, totalBytes }: PhaseState): string {
  const parts = [
    files > 0 || totalFiles > 0
      ? `${formatCount(files)}${totalFiles > 0 ? ` of ${formatCount(totalFiles)}` : ''} files`
      : '',
    bytes > 0 || totalBytes > 0 ? `${formatSize(bytes)}${totalBytes > 0 ? ` of ${formatSize(totalBytes)}` : ''}` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `${LABELS[phase][1]} ${parts.join(', ')}`
}

/** Milliseconds; undefined while there is too little to tell from. */
export function timeLeft({ files, bytes, totalFiles, totalBytes, milliseconds }: PhaseState): number | undefined {
  const [done, total] = totalBytes > 0 ? [bytes, totalBytes] : [files, totalFiles]
  if (total === 0 || done === 0 || done >= total || milliseconds < 1000) return undefined
  return (milliseconds * (total - done)) / done
}

function share(part: number | undefined): string {
  return part === undefined ? '' : `${Math.floor(Math.min(1, part) * 100)} %`.padStart(5)
}
