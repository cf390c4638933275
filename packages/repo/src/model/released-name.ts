import { posix } from 'node:path'
import type { ShownRelease } from '../view-api.ts'

/** A file's name with the version of a release before its ending, as people call it: `models/resnet.pth` → `models/resnet_v1.2.0.pth`. */
export function releasedName(path: string, { version, commit }: Pick<ShownRelease, 'version' | 'commit'>): string {
  const ending = posix.extname(path)
  const stem = path.slice(0, path.length - ending.length)
  return `${stem}_${version === undefined ? commit.slice(0, 12) : `v${version}`}${ending}`
}
