import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compareVersions, torchNeeds } from './torch-needs.ts'

describe('the lowest torch', () => {
  it('is of the latest thing that the file uses', () => {
    const needs = torchNeeds({
      format: 'pytorch',
      dtypes: ['float32', 'float8_e4m3fnuz'],
      imports: ['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor_v3', 'os.system'],
    })
    expect(needs[0]).toEqual({ what: 'float8_e4m3fnuz', since: '2.2' })
    expect(needs.map(({ since }) => since)).toEqual(['2.2', '2.2', '1.6', '0.4'])
  })

  it('is not known of what needs nothing, and of names that objects have by themselves', () => {
    expect(torchNeeds({ format: 'constructor', dtypes: ['toString'], imports: ['__proto__'] })).toEqual([])
  })

  it('has on its page every release that it knows', () => {
    const page = readFileSync(new URL('../../../../docs/commands/doctor.md', import.meta.url), 'utf8')
    const source = readFileSync(new URL('torch-needs.ts', import.meta.url), 'utf8')
    const releases = [...source.matchAll(/'(\d+\.\d+)'/g)].map(([, release]) => release!)
    expect(releases.length).toBeGreaterThan(10)
    for (const release of releases)
      expect(page).toMatch(new RegExp(`^\\| (?:[\\d., ]*, )?${release.replace('.', '\\.')}(?:,[\\d., ]*)? \\|`, 'm'))
  })
})

it.each([
  ['2.10.0+cpu', '2.9', 1],
  ['2.1.0', '2.1', 0],
  ['1.13.1', '2.0', -1],
  ['v2.6.0a0+git123', '2.6', 0],
])('versions are compared by their numbers: %s and %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign)
})
