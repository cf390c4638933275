import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { parseRequirement, REQUIREMENT_FORMS } from './requirement.ts'
import { LINK_TYPES, type KeySpec, type LinkType, type ValueOf, type ValueType } from './keys.ts'

const UNITS: Record<string, number> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}
const YES = ['true', 'yes', 'on', '1']
const NO = ['false', 'no', 'off', '0']

/** Says what is wrong with a value, as the end of a sentence: "jobs must be …". */
export class ValueProblem extends Error {}

/** Reads a value as a user writes it. Fails with `ValueProblem`. */
export function parseValue<T extends ValueType>(spec: KeySpec & { type: T }, text: string): ValueOf[T]
export function parseValue(spec: KeySpec, text: string): ValueOf[ValueType] {
  switch (spec.type) {
    case 'text':
    case 'path':
      if (text === '' || /[\0\r\n]/.test(text)) throw new ValueProblem('must be one line of text')
      return text
    case 'boolean':
      if (YES.includes(text.toLowerCase())) return true
      if (NO.includes(text.toLowerCase())) return false
      throw new ValueProblem('must be true or false')
    case 'count':
      if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text)
      throw new ValueProblem('must be a whole number of at least 1')
    case 'number':
      if (/^[0-9]{1,6}(\.[0-9]{1,6})?$/.test(text)) return Number(text)
      throw new ValueProblem('must be a number of at least 0')
    case 'seconds':
      if (/^[0-9]{1,6}(\.[0-9]{1,3})?$/.test(text) && Number(text) > 0) return Number(text)
      throw new ValueProblem('must be a number of seconds')
    case 'size':
      return parseSize(text)
    case 'choice':
      if (spec.choices?.includes(text)) return text
      throw new ValueProblem(`must be one of ${spec.choices?.join(', ')}`)
    case 'links':
      return parseLinks(text)
    case 'list':
      return parseList(text)
    case 'names':
      return parseNames(text)
    case 'origins':
      return parseOrigins(text)
    case 'requirements':
      return parseRequirements(text)
  }
}

/** What stands in the file: numbers and truth values as such, so that other YAML readers see them too. */
export function storedValue(spec: KeySpec, text: string): string | number | boolean {
  const value = parseValue(spec, text)
  if (spec.type === 'boolean' || spec.type === 'count' || spec.type === 'number' || spec.type === 'seconds')
    return value as number | boolean
  return Array.isArray(value) ? value.join(',') : text
}

function parseSize(text: string): number {
  const [, figure, unit] = /^([0-9]{1,15}(?:\.[0-9]{1,3})?) ?([A-Za-z]*)$/.exec(text) ?? []
  const factor = UNITS[unit?.toUpperCase() ?? '?']
  if (figure === undefined || factor === undefined)
    throw new ValueProblem('must be a size such as 500000, 10MB or 1GiB')
  return Math.round(Number(figure) * factor)
}

function parseLinks(text: string): LinkType[] {
  const names = text.split(',').map((name) => name.trim())
  for (const name of names) {
    if (!LINK_TYPES.includes(name as LinkType)) throw new ValueProblem(`must list some of ${LINK_TYPES.join(', ')}`)
  }
  return names as LinkType[]
}

const NAME = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*\.(?:\*|[\p{L}_][\p{L}\p{N}_]*)$/u

function parseNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  for (const name of names)
    if (!NAME.test(name)) throw new ValueProblem('must list names such as package.module.Class or package.*')
  return names
}

function parseList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim())
  if (items.some((item) => item === '' || /[\0\r\n]/.test(item)))
    throw new ValueProblem('must be texts with commas between')
  return items
}

function parseRequirements(text: string): string[] {
  const written = text.split(',').map((requirement) => requirement.trim())
  for (const requirement of written) {
    if (parseRequirement(requirement) === undefined)
      throw new ValueProblem(`must not have ${JSON.stringify(requirement)}: requirements are ${REQUIREMENT_FORMS}`)
  }
  return written
}

function parseOrigins(text: string): string[] {
  return text.split(',').map((written) => {
    const origin = originOf(written.trim())
    if (origin === undefined) throw new ValueProblem('must list addresses such as https://minio.example.org:9000')
    return origin
  })
}

/** Scheme, host and port of an address; undefined for what is none. */
export function originOf(url: string): string | undefined {
  try {
    const { protocol, origin } = new URL(url)
    return protocol === 'https:' || protocol === 'http:' ? origin : undefined
  } catch {
    return undefined
  }
}

/** Has no scheme: a place in this machine's file system. */
export function isLocalPath(url: string): boolean {
  return !/^[A-Za-z][A-Za-z0-9+.-]+:/.test(url)
}

/** A path as written in a config file, made absolute; addresses stay as they are. */
export function absolutePath(value: string, base: string): string {
  return isLocalPath(value) ? resolve(base, value) : value
}

/** The opposite: a path as typed in `cwd`, made relative to the folder of the config file unless it was absolute. */
export function storedPath(value: string, cwd: string, configPath: string, keepRelative: boolean): string {
  if (!isLocalPath(value) || isAbsolute(value)) return value
  const absolute = resolve(cwd, value)
  return keepRelative ? relative(dirname(configPath), absolute).split(sep).join('/') || '.' : absolute
}
