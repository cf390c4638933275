import { childPath, type Section } from '../index/section.ts'

export interface PortabilityWarning {
  /** Relative to the directory. */
  path: string
  message: string
}

const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what Windows refuses
const FORBIDDEN = /[<>:"|?*\\\u0001-\u001f]|[. ]$/

/** Names of a directory that some other system cannot hold, or cannot hold beside each other. They are kept as they are. */
export function* portabilityWarnings(
  sections: readonly Pick<Section, 'path' | 'names'>[],
): Generator<PortabilityWarning> {
  for (const { path, names } of sections) {
    const folded = new Map<string, string>()
    for (const name of names) {
      if (FORBIDDEN.test(name) || RESERVED.test(name)) {
        yield { path: childPath(path, name), message: 'Windows cannot have a file of this name' }
      }
      const key = fold(name)
      const other = folded.get(key)
      if (other === undefined) folded.set(key, name)
      else {
        const message = `differs from ${JSON.stringify(other)} only in case or Unicode form, which macOS and Windows do not tell apart`
        yield { path: childPath(path, name), message }
      }
    }
  }
}

const ASCII = /^[\x20-\x7e]*$/

function fold(name: string): string {
  return (ASCII.test(name) ? name : name.normalize('NFC')).toLowerCase()
}
