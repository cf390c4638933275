const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A lone surrogate of this block stands for a byte that is not part of UTF-8, as in Python's `surrogateescape`. */
const ESCAPE = 0xdc00

/** A member's name; names of different bytes stay different, since torch compares bytes. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : ESCAPE + byte)).join('')
  }
}

export function encodeName(name: string): Buffer {
  return isUtf8Name(name) ? Buffer.from(name, 'utf8') : Buffer.from(name, 'latin1')
}

/** False for a name that `decodeName` had to escape. */
export function isUtf8Name(name: string): boolean {
  return !/[\udc80-\udcff]/.test(name.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
}

/** What is wrong with a name, for whoever unpacks it or compares readers. */
export function nameTrouble(name: string): string | undefined {
  if (!isUtf8Name(name)) return 'the name is not UTF-8'
  if (name.includes('\0')) return 'the name holds a NUL, where Python ends it'
  if (name === '') return 'the name is empty'
  if (name.startsWith('/') || name.includes('\\') || /^[a-z]:/i.test(name)) return 'the name is no relative path'
  if (name.split('/').includes('..')) return 'the name leads out of the folder'
}
