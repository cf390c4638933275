/** A git tag, as far as the registry needs it. */
export interface Tag {
  /** Short name, as `git tag` prints it. */
  name: string
  /** Full hash of the commit that it is of. */
  commit: string
  /** False for a lightweight tag: then `date` and `author` are the commit's, and `message` is empty. */
  annotated: boolean
  /** When it was made, in milliseconds since 1970. git keeps whole seconds. */
  date: number
  /** `Name <mail>`. */
  author: string
  message: string
}

/** What a tag's name says of a model, in GTO's grammar or a team's own. */
export type TagWord =
  | { kind: 'version'; model: string; version: string; undone: boolean; counter?: number }
  | { kind: 'stage'; model: string; stage: string; undone: boolean; counter?: number }
  | { kind: 'deprecated' | 'created'; model: string; undone: boolean; counter?: number }
