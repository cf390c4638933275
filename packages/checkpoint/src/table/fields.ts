import { ArtError } from '@art/core'

/** Reads one JSON object of a table: every key is asked for by its kind, and anything else is `CORRUPT`. */
export class Fields {
  readonly #object: ReadonlyMap<string, unknown>

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged('a line is no object')
    this.#object = new Map(Object.entries(value))
  }

  text(key: string): string {
    return this.#need(key, this.optional(key, isText))
  }

  natural(key: string): number {
    return this.#need(key, this.optional(key, isNatural))
  }

  /** Undefined where the key is absent. */
  optional<T>(key: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.#object.get(key)
    if (value === undefined || is(value)) return value
    throw damaged(`${JSON.stringify(key)} is not what it should be`)
  }

  /** Undefined where the key is absent, else what `item` makes of it. */
  optionalItem<T>(key: string, item: (value: unknown) => T): T | undefined {
    const value = this.#object.get(key)
    return value === undefined ? undefined : item(value)
  }

  list<T>(key: string, item: (value: unknown) => T): T[] {
    return this.#need(key, this.optional(key, isList)).map(item)
  }

  optionalList<T>(key: string, item: (value: unknown) => T): T[] | undefined {
    return this.optional(key, isList)?.map(item)
  }

  /** A map, kept as a list of pairs: keys of an object would be reordered where they are numbers. */
  pairs<T>(key: string, item: (value: unknown) => T): Map<string, T> {
    return new Map(
      this.list(key, (pair) => {
        if (!isList(pair) || pair.length !== 2 || !isText(pair[0])) throw damaged(`${JSON.stringify(key)} has no pairs`)
        return [pair[0], item(pair[1])]
      }),
    )
  }

  fields(key: string): Fields {
    return this.#need(key, this.optionalFields(key))
  }

  optionalFields(key: string): Fields | undefined {
    return this.optionalItem(key, (value) => new Fields(value))
  }

  #need<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw damaged(`${JSON.stringify(key)} is missing`)
    return value
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

export function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

export function isTrue(value: unknown): value is true {
  return value === true
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

/** For items of lists. */
export function as<T>(is: (value: unknown) => value is T): (value: unknown) => T {
  return (value) => {
    if (is(value)) return value
    throw damaged('a list holds what it should not')
  }
}

export function damaged(what: string): ArtError {
  return new ArtError('CORRUPT', `damaged tensor table: ${what}`)
}
