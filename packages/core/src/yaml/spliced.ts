import { linesAsBefore, linesOf } from './lines-as-before.ts'
import { type YamlPart, yamlParts, yamlStarts } from './parts.ts'

/**
 * The parts of `text` that `was` has, too, as `before` has them, and its other lines: `was` is what `before` says and `text` what it is to say, both as
 * one library writes them. What is new among other keys is as far in as these are. All end with a line end.
 */
export async function splicedYaml(text: string, was: string, before: string, end: string): Promise<string> {
  const [starts, wasStarts, oldStarts] = await Promise.all([text, was, before].map(yamlStarts))
  const [lines, wasLines, old] = [linesOf(text), linesOf(was), linesOf(before)]
  const inWas = new Set(wasStarts!.map(({ place }) => place))
  const inOld = new Set(oldStarts!.map(({ place }) => place))
  const wasParts = byPlace(
    yamlParts(
      wasLines,
      wasStarts!.filter(({ place }) => inOld.has(place)),
    ),
  )
  const oldParts = byPlace(
    yamlParts(
      old,
      oldStarts!.filter(({ place }) => inWas.has(place)),
    ),
  )
  const parts = yamlParts(
    lines,
    starts!.filter(({ place }) => inOld.has(place) || !inWas.has(place)),
  )

  const made: string[] = []
  const pending: string[] = []
  const shifts = new Map<string, number>()
  let from = 0
  const settle = (until: number): void => {
    if (pending.length > 0) made.push(...linesAsBefore(pending.splice(0), old.slice(from, until)))
    from = until
  }
  for (const part of parts) {
    const [wasPart, oldPart] = [wasParts.get(part.place), oldParts.get(part.place)]
    const wanted = lines.slice(part.start, part.end)
    const shift =
      wasPart && oldPart
        ? oldPart.indent - wasPart.indent
        : (shifts.get(`${part.above}/`) ?? shifts.get(part.above) ?? 0)
    shifts.set(part.place, shift)
    shifts.set(`${part.above}/`, shift)
    const same = wasPart !== undefined && isEqual(wanted, wasLines.slice(wasPart.start, wasPart.end))
    if (same && oldPart !== undefined && oldPart.start >= from) {
      settle(oldPart.start)
      for (; from < oldPart.end; from++) made.push(old[from]!)
    } else pending.push(...wanted.map((line) => shifted(line, shift).replace('\n', end)))
  }
  settle(old.length)
  return made.join('')
}

function byPlace(parts: readonly YamlPart[]): Map<string, YamlPart> {
  return new Map(parts.map((part) => [part.place, part]))
}

function isEqual(lines: readonly string[], others: readonly string[]): boolean {
  return lines.length === others.length && lines.every((line, at) => line === others[at])
}

function shifted(line: string, columns: number): string {
  if (columns >= 0) return line === '\n' ? line : ' '.repeat(columns) + line
  const lead = /^ */.exec(line)![0].length
  return line.slice(Math.min(lead, -columns))
}
