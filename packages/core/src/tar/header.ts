import { ArtError } from '../error.ts'

/** Everything in a tar is a multiple of so many bytes. */
export const TAR_BLOCK = 512

export interface TarEntry {
  /** `/`-separated, relative. */
  path: string
  kind: 'file' | 'folder' | 'symlink'
  /** Bytes of the file. */
  size: number
  executable?: boolean
  /** Of a symlink. */
  target?: string
}

/** An ustar number field of 12 bytes holds eleven octal digits. */
const SIZE_MAX = 0o77777777777

/**
 * The header of an entry, in POSIX.1-2001 (pax) form: what ustar cannot hold, long or non-ASCII names and files of 8 GiB and more, comes in an extended header
 * before it. Owner and times are fixed, so that the same content makes the same archive.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path
  const records: [key: string, value: string][] = []
  const place = ustarPlace(path)
  if (place === undefined) records.push(['path', path])
  if (entry.target !== undefined && !fits(entry.target, 100)) records.push(['linkpath', entry.target])
  if (entry.size > SIZE_MAX) records.push(['size', String(entry.size)])
  const { prefix, name } = place ?? { prefix: '', name: asciiStart(path) }
  const mode = entry.kind === 'folder' || entry.executable === true ? 0o755 : entry.kind === 'symlink' ? 0o777 : 0o644
  const flag = entry.kind === 'folder' ? '5' : entry.kind === 'symlink' ? '2' : '0'
  const link = entry.target === undefined ? '' : asciiStart(entry.target)
  const size = entry.kind === 'file' && entry.size <= SIZE_MAX ? entry.size : 0
  const own = block({ name, prefix, mode, size, flag, link })
  if (records.length === 0) return own
  const body = Buffer.concat(records.map(([key, value]) => record(key, value)))
  const extended = block({ name: 'PaxHeader', prefix: '', mode: 0o644, size: body.length, flag: 'x', link: '' })
  return Buffer.concat([extended, body, tarPadding(body.length), own])
}

/** What fills the last block of a content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK)
}

/** Two empty blocks. */
export const TAR_END: Uint8Array = Buffer.alloc(2 * TAR_BLOCK)

function ustarPlace(path: string): { prefix: string; name: string } | undefined {
  if (fits(path, 100)) return { prefix: '', name: path }
  if (!fits(path, 256)) return undefined
  for (let at = path.indexOf('/'); at > 0 && at <= 155; at = path.indexOf('/', at + 1))
    if (at < path.length - 1 && path.length - at - 1 <= 100)
      return { prefix: path.slice(0, at), name: path.slice(at + 1) }
  return undefined
}

function fits(text: string, most: number): boolean {
  return text.length <= most && /^[\x20-\x7e]*$/.test(text)
}

/** For readers that do not know extended headers. */
function asciiStart(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '_').slice(0, 100)
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

interface Fields {
  name: string
  prefix: string
  mode: number
  size: number
  flag: string
  link: string
}

function block({ name, prefix, mode, size, flag, link }: Fields): Buffer {
  const bytes = Buffer.alloc(TAR_BLOCK)
  const octal = (value: number, at: number, width: number): number =>
    bytes.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
  bytes.write(name, 0, 'latin1')
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  bytes.fill(' ', 148, 156)
  bytes.write(flag, 156, 'latin1')
  bytes.write(link, 157, 'latin1')
  bytes.write('ustar\x0000', 257, 'latin1')
  bytes.write(prefix, 345, 'latin1')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  if (sum > 0o777777) throw new ArtError('INTERNAL', 'impossible checksum of a tar header')
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}
