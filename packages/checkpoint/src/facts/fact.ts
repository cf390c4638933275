import type { Value } from '../model-file.ts'
import { enumValue, isGlobal, itemsOf } from '../pickle/value.ts'

export type Scalar = string | number | boolean

/** What a pointer can hold of a checkpoint: a scalar or a short list of them. */
export type Fact = Scalar | readonly Scalar[]

/** Longer lists and texts are no figures that a person compares. */
export const LIST_MAX = 16
export const TEXT_MAX = 200

/** No number that anybody writes down is larger; turning one into digits would take long. */
const INTEGER_MAX = 1n << 256n

/** Undefined for what is no scalar; None is none, since a missing key says the same. */
export function scalarOf(value: Value | undefined): Scalar | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') {
    const small = Number(value)
    if (Number.isSafeInteger(small)) return small
    return value < INTEGER_MAX && value > -INTEGER_MAX ? String(value) : undefined
  }
  if (isGlobal(value)) return `${value.module}.${value.name}`
  return enumValue(value)
}

/** A scalar, or a list or tuple of at most 16; undefined for all else. */
export function factOf(value: Value | undefined): Fact | undefined {
  const items = itemsOf(value)
  if (items === undefined) return scalarOf(value)
  if (items.length > LIST_MAX) return undefined
  const facts = items.map(scalarOf)
  return facts.every((fact) => fact !== undefined) ? facts : undefined
}

export function numberOf(value: Value | undefined): number | undefined {
  const scalar = scalarOf(value)
  return typeof scalar === 'number' ? scalar : undefined
}
