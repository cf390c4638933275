import type { Effect } from './call.ts'
import type { ImportRecord } from './findings.ts'

/**
 * What scanning knows of a value on a pickle's stack: only what can become an import, a call or a pickle of its own. All other values are
 * one and the same, so that a large pickle costs little.
 */
export type Symbolic = number | string | Plain | Constant | Tuple | Imported | Made | Dtype | Fields

/** Data that nothing can be made of; or a value that is not known, which may be anything. */
export interface Plain {
  readonly kind: 'data' | 'unknown'
}

/** Bytes, or a text too long to be a name, by where it stands in the source that is scanned. */
export interface Constant {
  readonly kind: 'bytes' | 'text'
  readonly offset: number
  readonly length: number
  /** It begins like a pickle or an archive. */
  readonly suspect: boolean
  /** It stands there as UTF-8, each character for one byte: Python 2's protocols know no bytes. */
  readonly latin1?: boolean
  /** Where it does not stand there as it is. */
  readonly inline?: Uint8Array
}

export interface Tuple {
  readonly kind: 'tuple'
  readonly items: readonly Symbolic[]
}

export interface Imported {
  readonly kind: 'import'
  readonly record: ImportRecord
  /** What a call of it returns, unless `effect` says otherwise. */
  readonly made: Made
  readonly effect: Effect | undefined
}

/** What a call of an import returned. */
export interface Made {
  readonly kind: 'made'
  readonly by: ImportRecord
}

/** A NumPy dtype, as far as the bytes of an array depend on it. Undefined where that is not known. */
export interface Dtype {
  readonly kind: 'dtype'
  readonly by: ImportRecord
  /** Of strings and structures: what it is in the end stands in the state that it is given. */
  readonly isFlexible: boolean
  itemBytes: number | undefined
  hasObjects: boolean | undefined
}

/** A dict whose entries matter: the state of joblib's array wrapper. */
export interface Fields {
  readonly kind: 'fields'
  readonly entries: Map<string, Symbolic>
}

export const DATA: Plain = { kind: 'data' }
export const UNKNOWN: Plain = { kind: 'unknown' }
const EMPTY: Tuple = { kind: 'tuple', items: [] }

/** Longer tuples, and longer texts, cannot matter. */
export const ITEMS_MAX = 16
export const TEXT_MAX = 256

export function isKind<K extends 'tuple' | 'import' | 'made' | 'dtype' | 'fields'>(
  symbol: Symbolic | undefined,
  kind: K,
): symbol is Extract<Symbolic, { kind: K }> {
  return typeof symbol === 'object' && symbol.kind === kind
}

export function isConstant(symbol: Symbolic | undefined): symbol is Constant {
  return typeof symbol === 'object' && (symbol.kind === 'bytes' || symbol.kind === 'text')
}

/** Without the tuples in it: no call that matters is given any, and a chain of them would be kept whole. */
export function makeTuple(items: Symbolic[]): Symbolic {
  if (items.length === 0) return EMPTY
  if (items.length > ITEMS_MAX) return DATA
  for (let i = 0; i < items.length; i++) if (isKind(items[i], 'tuple')) items[i] = DATA
  return { kind: 'tuple', items }
}

/** The items of a call's arguments; empty where they are not known. */
export function itemsOf(symbol: Symbolic | undefined): readonly Symbolic[] {
  return isKind(symbol, 'tuple') ? symbol.items : []
}
