import type { GetResult } from '@art/repo/get-api.ts'
import { escapeText } from './escape.ts'
import { countOf, formatDuration, formatSize } from './size.ts'
import type { View } from './view.ts'

/** `resnet.pth: resnet 1.2.0 of 3f2a…, 46.8 MB; received 31.2 MB in 1.2 s` */
export function renderGet(result: GetResult, milliseconds: number, { paint }: View): string {
  const { path, inside, commit, size, files, state, from, bytes } = result
  const name = nameOf(result)
  const what = [
    name === path && commit === undefined
      ? ''
      : escapeText(name) + (commit === undefined ? '' : ` of ${commit.slice(0, 12)}`),
    inside !== undefined || files === undefined ? '' : countOf(files, 'file'),
    inside === undefined ? formatSize(size) : '',
  ]
  const how =
    state === 'unchanged'
      ? 'it was there already'
      : from === 'cache'
        ? 'from the cache'
        : `received ${formatSize(bytes.transferred)} in ${formatDuration(milliseconds)}`
  return `${paint('bold', escapeText(path))}: ${what.filter((part) => part !== '').join(', ')}; ${how}`
}

function nameOf({ artifact, inside, release }: GetResult): string {
  if (release?.version !== undefined) return `${release.model} ${release.version}`
  return inside === undefined ? artifact : `${artifact}/${inside}`
}
