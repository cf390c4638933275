import { posix } from 'node:path'

/** Where what is archived has its pointers. */
export const ARCHIVE_FOLDER = 'models/archived'

/** The place of an artifact in the archive, by its path from the root; its own where it lies there already. */
export function archivedPath(path: string): string {
  if (path.startsWith(`${ARCHIVE_FOLDER}/`)) return path
  return `${ARCHIVE_FOLDER}/${path.startsWith('models/') ? path.slice('models/'.length) : path}`
}

/** Of a release whose data is in the workspace no longer: `models/archived/simple_cnn_v1.0.0.pth`. */
export function archivedReleasePath(model: string, version: string, path: string): string {
  return `${ARCHIVE_FOLDER}/${releaseStem(model, version)}${posix.extname(path)}`
}

/** How people call the file of a release, without its ending. */
export function releaseStem(model: string, version: string): string {
  return `${model}_v${version}`
}
