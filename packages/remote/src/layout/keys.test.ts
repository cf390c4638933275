import { describe, expect, it } from 'vitest'
import { checkKey } from '../key.ts'
import { newRecipeKey, newRootKey, packKey, randomHex, recipePrefix } from './keys.ts'

const OID = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'
const REPO = '000102030405060708090a0b0c0d0e0f'
const SITE = '1c27a4a3eb1b1ef7'

describe('keys are those of formats.md', () => {
  const made: [string, RegExp][] = [
    [packKey(randomHex(16)), /^packs\/[0-9a-f]{32}$/],
    [newRecipeKey('f', OID), new RegExp(`^recipes/f-${OID}/[0-9a-f]{16}$`)],
    [newRecipeKey('d', OID), new RegExp(`^recipes/d-${OID}/[0-9a-f]{16}$`)],
    [newRootKey(REPO, SITE), new RegExp(`^roots/${REPO}/${SITE}/[0-9a-f]{16}$`)],
  ]

  it.each(made)('%s', (key, form) => {
    expect(key).toMatch(form)
    expect(() => checkKey(key)).not.toThrow()
  })
})

it('every recipe of an oid begins with its prefix, and no recipe of a directory with that of a file', () => {
  expect(newRecipeKey('f', OID).startsWith(recipePrefix('f', OID))).toBe(true)
  expect(newRecipeKey('d', OID).startsWith(recipePrefix('f', OID))).toBe(false)
})

it('no name is given twice', () => {
  const names = Array.from({ length: 1000 }, () => newRootKey(REPO, SITE))
  expect(new Set(names).size).toBe(1000)
})
