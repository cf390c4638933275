import { ArtError } from '@art/core'
import { parseVersion } from '../version/version.ts'
import { NAME } from './name.ts'
import type { TagWord } from './tag.ts'

/** `subdir=name` in tags stands for `subdir:name`: git allows no colon. */
const TAG = new RegExp(
  `^(?:(?<folder>[a-zA-Z0-9-_./]+)=)?(?<model>${NAME})(?:(?:#(?<stage>${NAME})|@v(?<version>[^!#]+))(?<undone>!)?|@(?<event>deprecated|created))(?:#(?<counter>[0-9]{1,15}))?$`,
)

/** The last counter that a tag is read with. */
export const LAST_COUNTER = 999_999_999_999_999

const FOLDER = /^[a-zA-Z0-9_][a-zA-Z0-9-_./]*$/

/** `folder`: where the repository of art lies in that of git, empty at its top. Tags of other folders are none of ours. */
export function parseGtoTag(tag: string, folder = ''): TagWord | undefined {
  const { groups } = TAG.exec(tag) ?? {}
  if (groups === undefined || (groups['folder'] ?? '') !== folder) return undefined
  const counter = groups['counter'] === undefined ? {} : { counter: Number(groups['counter']) }
  const common = { model: groups['model']!, undone: groups['undone'] !== undefined, ...counter }
  if (groups['stage'] !== undefined) return { kind: 'stage', stage: groups['stage'], ...common }
  if (groups['event'] !== undefined) return { kind: groups['event'] as 'deprecated' | 'created', ...common }
  const version = parseVersion(groups['version']!)
  // `@v1` and `@v1.2` are no semantic versions, and `@vv1.0.0` would be written back differently.
  return version === undefined || version !== groups['version'] ? undefined : { kind: 'version', version, ...common }
}

/** The tag of a word, in GTO's form. Fails with `USAGE` where the folder has a name that no tag can carry. */
export function formatGtoTag(word: TagWord, folder = ''): string {
  if (folder !== '' && !FOLDER.test(folder))
    throw new ArtError('USAGE', `no tag can carry the name of the folder ${JSON.stringify(folder)}`, {
      path: folder,
      hint: 'Name the folder with letters, digits, `-`, `_`, `.` and `/` alone, or keep the repository of art at the top of that of git.',
    })
  const place = folder === '' ? '' : `${folder}=`
  const what =
    word.kind === 'stage' ? `#${word.stage}` : word.kind === 'version' ? `@v${word.version}` : `@${word.kind}`
  const counter = word.counter === undefined ? '' : `#${word.counter}`
  return `${place}${word.model}${what}${word.undone ? '!' : ''}${counter}`
}
