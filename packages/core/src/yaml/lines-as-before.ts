/** How far from the last line that was found the next one is looked for. */
const WINDOW = 40
/** Lines that the library may join, or part: texts over several lines, a comment behind a key. */
const JOINED = 4

/** Each with its line end. */
export function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/)
}

/** Lines as the old ones among which they are to stand: white space apart, their text is equal. */
export function linesAsBefore(lines: readonly string[], old: readonly string[]): string[] {
  const [bareLines, bareOld] = [lines.map(bare), old.map(bare)]
  const made: string[] = []
  let from = 0
  for (let at = 0; at < lines.length; ) {
    if (bareLines[at] === '') {
      // Blank lines stay as many as they were.
      const first = from
      while (bareOld[from] === '') made.push(old[from++]!)
      if (from === first) made.push(lines[at]!)
      at++
      continue
    }
    const found = foundIn([bareLines[at]!, bareLines[at]! + (bareLines[at + 1] ?? '')], bareOld, from)
    if (found === undefined) made.push(lines[at++]!)
    else {
      made.push(...old.slice(found.start, found.end))
      from = found.end
      at += found.lines
    }
  }
  return made
}

/** The next old lines that say what a line says, or that line and its next one: white space apart, their text is equal. */
function foundIn(
  wanted: readonly [one: string, two: string],
  bareOld: readonly string[],
  from: number,
): { start: number; end: number; lines: number } | undefined {
  for (let start = from; start < Math.min(bareOld.length, from + WINDOW); start++) {
    if (bareOld[start] === '') continue
    let joined = ''
    for (let end = start + 1; end <= Math.min(bareOld.length, start + JOINED); end++) {
      joined += bareOld[end - 1]!
      const which = wanted.indexOf(joined)
      if (which !== -1) return { start, end, lines: which + 1 }
    }
  }
  return undefined
}

function bare(line: string): string {
  return line.replaceAll(/\s+/g, '')
}
