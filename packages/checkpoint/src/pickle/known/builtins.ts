import type { Value } from '../../model-file.ts'
import { COST, spend } from '../budget.ts'
import type { Known } from '../settle.ts'
import { attribute, isGlobal, isList } from '../value.ts'

const LATIN1 = /^(?:latin-?1|latin_1|iso-?8859-1|l1)$/i
const UTF8 = /^(?:utf-?8|ascii|us-ascii)$/i

/** `_codecs.encode(text, 'latin1')`: how protocols below 3 write bytes. */
export const encode: Known = ([text, encoding = 'utf-8'], _object, budget) => {
  if (typeof text !== 'string' || typeof encoding !== 'string') return
  spend(budget, 0, text.length)
  if (UTF8.test(encoding)) return Buffer.from(text, 'utf8')
  if (!LATIN1.test(encoding) || /[^\0-\xff]/.test(text)) return
  return Buffer.from(text, 'latin1')
}

const bytes: Known = (args, object, budget) => {
  const [content] = args
  if (content === undefined) return new Uint8Array(0)
  return content instanceof Uint8Array ? content : encode(args, object, budget)
}

const sequence =
  (kind: 'tuple' | 'frozenset'): Known =>
  ([content], _object, budget) => {
    if (content === undefined) return { kind, items: [] }
    if (!isList(content)) return
    spend(budget, content.items.length, COST.container + content.items.length * COST.slot)
    return { kind, items: content.items.slice() }
  }

/** A number or text that is called into being: `int('5')` is left alone. */
const same: Known = ([content]) => (typeof content === 'string' ? undefined : content)

/** As Python prints it. */
export function complexText(real: number, imaginary: number): string {
  if (Object.is(real, 0)) return `${pythonFloat(imaginary)}j`
  const sign = imaginary < 0 || Object.is(imaginary, -0) ? '-' : '+'
  return `(${pythonFloat(real)}${sign}${pythonFloat(Math.abs(imaginary))}j)`
}

function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  return Number.isFinite(value) ? String(value) : value < 0 ? '-inf' : 'inf'
}

const complex: Known = ([real, imaginary = 0]) =>
  typeof real === 'number' && typeof imaginary === 'number' ? complexText(real, imaginary) : undefined

/** `getattr(Class, 'NAME')`: a member of an Enum or a method. Nothing is looked up: it gets the name `Class.NAME`. */
const getattr: Known = ([owner, name]): Value | undefined => {
  if (!isGlobal(owner) || typeof name !== 'string') return
  return { kind: 'global', module: owner.module, name: `${owner.name}.${name}` }
}

/** The text that a number of any precision was written as. */
const asText: Known = ([content]) => (typeof content === 'string' ? content : undefined)

const fraction: Known = ([numerator, denominator]) => {
  const isWhole = (value: Value | undefined): boolean => typeof value === 'bigint' || Number.isSafeInteger(value)
  if (typeof numerator === 'string') return numerator
  return isWhole(numerator) && isWhole(denominator) ? `${String(numerator)}/${String(denominator)}` : undefined
}

const uuid: Known = (_args, object) => {
  const number = attribute(object, 'int')
  if (typeof number !== 'bigint' && typeof number !== 'number') return
  if (number < 0 || number >= 2n ** 128n) return
  const hex = number.toString(16).padStart(32, '0')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export const BUILTINS: ReadonlyMap<string, Known> = new Map([
  ['_codecs.encode', encode],
  ['builtins.bytes', bytes],
  ['builtins.bytearray', bytes],
  ['builtins.tuple', sequence('tuple')],
  ['builtins.frozenset', sequence('frozenset')],
  ['builtins.int', same],
  ['builtins.float', same],
  ['builtins.bool', same],
  ['builtins.complex', complex],
  ['builtins.getattr', getattr],
  ['builtins.str', asText],
  ['builtins.unicode', asText],
  ['builtins.long', same],
  ['decimal.Decimal', asText],
  ['fractions.Fraction', fraction],
  ['uuid.UUID', uuid],
])
