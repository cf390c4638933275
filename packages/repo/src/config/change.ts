import type { ConfigChange } from '../api.ts'
import type { FileLevel } from './level.ts'

/** What a change of one level's file leaves to be committed. */
export function changed(level: FileLevel, path: string): ConfigChange {
  return { path, gitPaths: level === 'project' ? ['.art/config.yaml'] : [] }
}
