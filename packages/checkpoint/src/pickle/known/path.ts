import type { Known } from '../settle.ts'

/** `PosixPath('/', 'data', 'train')` → `/data/train`: a part that is absolute replaces what stands before it. */
const path =
  (separator: '/' | '\\'): Known =>
  (parts) => {
    let whole = ''
    for (const part of parts) {
      if (typeof part !== 'string') return
      const isAbsolute = part.startsWith('/') || (separator === '\\' && /^(?:[a-z]:)?\\/i.test(part))
      if (whole === '' || isAbsolute) whole = part
      else whole += whole.endsWith(separator) ? part : separator + part
    }
    return whole === '' ? '.' : whole
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
