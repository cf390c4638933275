// C0 and C1 controls, DEL; soft hyphen; zero-width; bidirectional controls; line and paragraph separators; BOM; interlinear and
// tag characters; lone surrogates: everything that could move the cursor, hide a part of a name or reorder a line.
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\u001b': '\\e' }

/** Text from a file, a name or a server, safe for a terminal: what cannot be seen is spelled `\n`, `\e`, `\x9b`, `\u{202e}`. */
export function escapeText(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const short = SHORT[character]
    if (short !== undefined) return short
    const code = character.codePointAt(0) as number
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** One word of a POSIX shell; names with control characters come as `$'…'`, which bash and zsh read. */
export function quoteForShell(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('-')) return word
  if (escapeText(word) === word) return `'${word.replaceAll("'", "'\\''")}'`
  const bytes = [...word].map((character) => {
    if (character === "'" || character === '\\') return `\\${character}`
    if (escapeText(character) === character) return character
    return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  })
  return `$'${bytes.join('')}'`
}

/** A command to paste. Its flags need no quotes, which a name that begins like one has. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^--[a-z-]+$/.test(word) ? word : quoteForShell(word))).join(' ')
}
