import type { Value } from '../model-file.ts'
import { type MutableObject, object } from './value.ts'

/** The class of objects that stand for a persistent id. No module has this name. */
export const PERSISTENT = '<persistent id>'
/** The module of names that stand for a code of copyreg's extension registry, which only the writer's program knew. */
export const EXTENSION = '<extension registry>'

/** What stands for the object that only the file's format can tell: `args` is its id. */
export function persistent(id: Value): MutableObject {
  return object({ kind: 'global', module: PERSISTENT, name: '' }, id)
}
