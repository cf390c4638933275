import { isAffordableJson } from '../../json-cost.ts'
import { damaged } from './storages.ts'

/** Of JSON that a stranger wrote: parsed, with every step into it checked. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Fails with `CORRUPT`. */
export function parseJson(bytes: Uint8Array, what: string): Json {
  if (!isAffordableJson(bytes)) throw damaged(`${what} makes more than a model file can need`)
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as Json
  } catch {
    throw damaged(`${what} is no JSON`)
  }
}

/** An own member at the end of the path; undefined where any step is missing. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, key)) return
    found = (found as Record<string, Json>)[key]
  }
  return found
}

export function elementsOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

export function membersOf(value: Json | undefined): [string, Json][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}
