import type { Known } from '../settle.ts'

/** `PosixPath('/', 'data', 'train')` → `/data/train`: a part that is absolute replaces what stands before it. */
const path =
  (separator: '/' | '\\'): Known =>
  (parts) => {
    const whole: string[] = []
    for (const part of parts) {
      if (typeof part !== 'string') return
      const isAbsolute = part.startsWith('/') || (separator === '\\' && /^(?:[a-z]:)?\\/i.test(part))
      if (isAbsolute) whole.length = 0
      if (whole.length > 0 && !whole.at(-1)!.endsWith(separator)) whole.push(separator)
      if (part !== '') whole.push(part)
    }
    return whole.length === 0 ? '.' : whole.join('')
  }

const CLASSES = { '/': ['PurePath', 'Path', 'PurePosixPath', 'PosixPath'], '\\': ['PureWindowsPath', 'WindowsPath'] }

/** Python 3.13 saves them from `pathlib._local`. */
export const PATHS: ReadonlyMap<string, Known> = new Map(
  (['/', '\\'] as const).flatMap((separator) =>
    CLASSES[separator].flatMap((name): [string, Known][] => [
      [`pathlib.${name}`, path(separator)],
      [`pathlib._local.${name}`, path(separator)],
    ]),
  ),
)
