import { quote } from '@art/core/yaml/plain.ts'
import type { Json } from './registry-entry.ts'
import type { FoundEntry } from './registry-json.ts'

/** The white space before each entry, and before the end of the list, as it is in the file. */
export interface Style {
  before: string
  after: string
  /** Before each member of an entry that is in lines. */
  member: string
}

/** The entry in lines, or in one where the others are. */
export function entryText(own: ReadonlyMap<string, Json>, { before, member }: Style): string {
  const line = /\r?\n[ \t]*$/.exec(before)?.[0]
  const members = [...own].map(([key, value]) => memberText(key, value))
  return line === undefined ? `{ ${members.join(', ')} }` : `{${members.map((one) => member + one).join(',')}${line}}`
}

function memberText(key: string, value: Json): string {
  return `${quote(key)}: ${valueText(value)}`
}

/** In one line; nothing in it hides from who reads it. */
export function valueText(value: Json): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(valueText).join(', ')}]`
  const members = Object.entries(value as Record<string, Json>).map(([key, one]) => memberText(key, one))
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

/** The entry with values that are right, in its own order; what it lacks comes last. */
export function corrected(
  text: string,
  { start, end, members }: FoundEntry,
  own: ReadonlyMap<string, Json>,
  wrong: readonly string[],
): string {
  let made = ''
  let at = start
  for (const member of members) {
    if (!wrong.includes(member.key)) continue
    made += text.slice(at, member.start) + valueText(own.get(member.key)!)
    at = member.end
  }
  const missing = wrong.filter((key) => !members.some((member) => member.key === key))
  const last = members.at(-1)
  if (last === undefined || missing.length === 0) return made + text.slice(at, end)
  const line = /\r?\n[ \t]*$/.exec(text.slice(start, members[0]!.keyStart))?.[0]
  made += text.slice(at, last.end)
  for (const key of missing) made += `,${line ?? ' '}${memberText(key, own.get(key)!)}`
  return made + text.slice(last.end, end)
}

/** What is wrong with an entry, for people. */
export function wrongText({ values }: FoundEntry, own: ReadonlyMap<string, Json>, wrong: readonly string[]): string {
  const shown = wrong.slice(0, 3).map((key) => {
    const expected = shorten(valueText(own.get(key)!))
    return values.has(key)
      ? `${key} is ${shorten(JSON.stringify(values.get(key)))}, and should be ${expected}`
      : `${key} is missing`
  })
  return wrong.length > 3 ? `${shown.join('; ')}; and ${wrong.length - 3} more` : shown.join('; ')
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
