import type { GetResult } from '@art/repo/get-api.ts'
import { escapeText } from './escape.ts'
import { countOf, formatDuration, formatSize } from './size.ts'
import type { View } from './view.ts'

/** `resnet.pth: resnet 1.2.0 of 3f2a…, 46.8 MB; received 31.2 MB in 1.2 s` */
export function renderGet(result: GetResult, milliseconds: number, { paint }: View): string {
  const { path, artifact, inside, release, commit, size, files, state, from, bytes } = result
  const what =
    release?.version === undefined
      ? inside === undefined
        ? artifact
        : `${artifact}/${inside}`
      : `${release.model} ${release.version}`
  const at = commit === undefined ? '' : ` of ${commit.slice(0, 12)}`
  const much =
    inside === undefined ? `, ${files === undefined ? '' : `${countOf(files, 'file')}, `}${formatSize(size)}` : ''
  const how =
    state === 'unchanged'
      ? 'it was there already'
      : from === 'cache'
        ? 'from the cache'
        : `received ${formatSize(bytes.transferred)} in ${formatDuration(milliseconds)}`
  return `${paint('bold', escapeText(path))}: ${escapeText(what)}${at}${much}; ${how}`
}
