import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { locator } from './locate.ts'

interface Doubles {
  cases: { names: string; opened: number }[]
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../../../../test/data/models/torch/doubles.json', import.meta.url), 'utf8'),
) as Doubles

describe('locator', () => {
  it('takes of several members of one name the one that torch took', () => {
    for (const { names, opened } of cases) {
      const members = names.split(' ').map((name) => `x/${name}`)
      expect({ names, opened: locator(members)('x/data.pkl') }).toEqual({ names, opened })
    }
    const firsts = cases.filter(({ names, opened }) =>
      names
        .split(' ')
        .slice(0, opened)
        .every((name) => !/pkl/i.test(name)),
    )
    // Neither the first nor the last is a rule.
    expect(firsts.length).toBeGreaterThan(10)
    expect(cases.length - firsts.length).toBeGreaterThan(10)
  })

  it('finds every other member too, whatever its case', () => {
    const names = Array.from({ length: 300 }, (_, i) => `m/Data/${(i * 7919) % 300}`)
    const locate = locator(names)
    for (const [i, name] of names.entries()) expect(locate(name.toUpperCase())).toBe(i)
    expect(locate('m/data/300')).toBeUndefined()
    expect(locator([])('a')).toBeUndefined()
  })
})
