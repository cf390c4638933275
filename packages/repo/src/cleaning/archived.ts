import { openYaml, readYaml, YAML_OUTPUT } from '@art/core/yaml/document.ts'
import type { Artifact } from '../target/find.ts'

/** What the pointer of an archived artifact says beside what every pointer does. */
export interface Archived {
  /** Where the artifact was, relative to the root. */
  from?: string
  /** The release that it is, as `name@v1.0.0`. */
  release?: string
}

const FROM = 'archived_from'
const RELEASE = 'archived_release'

/** Out of the way: what a verb does with everything it does not do with these. */
export function isArchived({ pointerText }: Pick<Artifact, 'pointerText'>): boolean {
  return /^archived_(?:from|release):/m.test(pointerText)
}

export async function readArchived(pointerText: string, path?: string): Promise<Archived> {
  const map = await readYaml(pointerText, { code: 'POINTER_INVALID', path })
  const text = (key: string): string | undefined => {
    const value = map.get(key)
    return typeof value === 'string' ? value : undefined
  }
  const [from, release] = [text(FROM), text(RELEASE)]
  return { ...(from === undefined ? {} : { from }), ...(release === undefined ? {} : { release }) }
}

/** The pointer's text with these keys, and without them where they are not given. */
export async function withArchived(pointerText: string, { from, release }: Archived, path?: string): Promise<string> {
  const document = await openYaml(pointerText, { code: 'POINTER_INVALID', path })
  for (const [key, value] of [
    [FROM, from],
    [RELEASE, release],
  ] as const) {
    if (value === undefined) document.delete(key)
    else document.set(key, value)
  }
  return document.toString(YAML_OUTPUT)
}
