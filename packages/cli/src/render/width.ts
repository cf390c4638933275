const SEQUENCE = /\u001b\[[0-9;]*m/g
const ASCII = /^[\u0020-\u007e]*$/

/** Terminal cells that text takes: 2 for East Asian wide characters and emoji, 0 for combining marks and colour sequences. */
export function displayWidth(text: string): number {
  const plain = text.includes('\u001b') ? text.replace(SEQUENCE, '') : text
  if (ASCII.test(plain)) return plain.length
  let width = 0
  for (const cluster of clusters(plain)) width += clusterWidth(cluster)
  return width
}

/** At most `width` cells, the middle replaced by `…`: a path keeps its folder and its name's end. */
export function truncateMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width < 2) return width === 1 ? '…' : ''
  const all = clusters(text)
  const tail = take([...all].reverse(), Math.ceil((width - 1) / 2)).reverse()
  const head = take(all, width - 1 - displayWidth(tail.join('')))
  return `${head.join('')}…${tail.join('')}`
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text
}

function clusters(text: string): string[] {
  return (
    text.match(
      /\p{Emoji_Modifier_Base}?\p{Emoji_Modifier}|\p{Regional_Indicator}{2}|(?:\p{Emoji}\ufe0f?\u200d)+\p{Emoji}\ufe0f?|\p{Emoji}\ufe0f|./gsu,
    ) ?? []
  )
}

function clusterWidth(cluster: string): number {
  if (/^[\p{Mark}\u200c\u200d\ufe0f]$/u.test(cluster)) return 0
  return [...cluster].length > 1 || isWide(cluster) ? 2 : 1
}

// Expressions that name classes of Unicode take V8 up to a millisecond, so they are made only where a text is not ASCII.
function isWide(character: string): boolean {
  return /[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f004}\u{1f0cf}\u{1f18e}\u{1f191}-\u{1f19a}\u{1f200}-\u{1f265}\u{1f300}-\u{1f320}\u{1f32d}-\u{1f335}\u{1f337}-\u{1f37c}\u{1f37e}-\u{1f393}\u{1f3a0}-\u{1f3ca}\u{1f3cf}-\u{1f3d3}\u{1f3e0}-\u{1f3f0}\u{1f3f4}\u{1f3f8}-\u{1f43e}\u{1f440}\u{1f442}-\u{1f4fc}\u{1f4ff}-\u{1f53d}\u{1f54b}-\u{1f567}\u{1f57a}\u{1f595}\u{1f596}\u{1f5a4}\u{1f5fb}-\u{1f64f}\u{1f680}-\u{1f6c5}\u{1f6cc}-\u{1f6d7}\u{1f6dc}-\u{1f6ec}\u{1f6f4}-\u{1f6fc}\u{1f7e0}-\u{1f7eb}\u{1f90c}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
    character,
  )
}

function take(all: readonly string[], width: number): string[] {
  const taken: string[] = []
  let used = 0
  for (const cluster of all) {
    used += clusterWidth(cluster)
    if (used > width) break
    taken.push(cluster)
  }
  return taken
}
