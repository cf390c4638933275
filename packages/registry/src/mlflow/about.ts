import { isSecret } from '@art/checkpoint/facts/secret.ts'
import type { ModelEntry } from '../models-file/models-file.ts'

const KEYS = ['title', 'dataset', 'task', 'metric', 'direction'] as const

/** What `models.yaml` says of a model, as far as tags of its versions tell it to whoever takes it over. */
export type ModelAbout = Pick<ModelEntry, (typeof KEYS)[number]>

/** A line of `models.yaml` that a person would have written is shorter. */
const MAX_TEXT = 200

/** `art.title` and so on; undefined for what is not said. */
export function aboutTags(entry: ModelAbout): Record<string, string | undefined> {
  return Object.fromEntries(KEYS.map((key) => [`art.${key}`, entry[key]]))
}

/** The same from tags, of which a stranger may have written any: what is no plain line, or looks like a secret, is left out. */
export function aboutFrom(tags: ReadonlyMap<string, string>): ModelAbout {
  const told: ModelAbout = {}
  for (const key of KEYS) {
    const text = tags.get(`art.${key}`)
    if (text === undefined || !isPlainLine(text) || isSecret(key, text)) continue
    if (key !== 'direction') told[key] = text
    else if (text === 'highest' || text === 'lowest') told.direction = text
  }
  return told
}

/** Only what models.yaml would take over, in the order in which it is written there. */
export function aboutOf(entry: ModelAbout): ModelAbout {
  return Object.fromEntries(KEYS.flatMap((key) => (entry[key] === undefined ? [] : [[key, entry[key]]])))
}

function isPlainLine(text: string): boolean {
  return text.trim() === text && text !== '' && text.length <= MAX_TEXT && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text)
}
