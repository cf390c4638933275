import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { formatGtoTag } from '@art/registry/tag/grammar.ts'
import { parseReleaseName } from './release-name.ts'

describe('names of releases', () => {
  test.each([
    ['resnet@v1.2.0', { version: '1.2.0' }],
    ['resnet@1.2.0-rc.1', { version: '1.2.0-rc.1' }],
    ['resnet@v1', { version: '1' }],
    ['a/b_c@latest', { version: 'latest' }],
    ['resnet@greatest', { version: 'greatest' }],
    ['resnet#prod', { stage: 'prod' }],
  ])('%s', (name, wanted) => expect(parseReleaseName(name)?.wanted).toEqual(wanted))

  test.each([
    'models/resnet.pth',
    'HEAD@{1}:x.pth',
    'resnet@v1.0.0:models/x.pth',
    'git@github.com:me/x',
    'me@host',
    'resnet@',
    'resnet#',
    '#prod',
    'a b@v1.0.0',
    'resnet@v1.0.0!',
    'resnet#prod#3',
    '../x@v1.0.0',
    `${'a'.repeat(600)}@v1.0.0`,
  ])('%s is none', (name) => expect(parseReleaseName(name)).toBeUndefined())

  it('are those that a tag can have', () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9_/-]{0,10}[a-z0-9]$/)
    const number = fc.nat(1000)
    fc.assert(
      fc.property(part, number, number, number, (model, a, b, c) => {
        const version = `${a}.${b}.${c}`
        const tag = formatGtoTag({ kind: 'version', model, version, undone: false })
        expect(parseReleaseName(tag)).toEqual({ model, wanted: { version } })
      }),
    )
  })

  it('take no time that anybody could use', () => {
    // What takes exponential time never ends: the limit of the test says so.
    for (const name of [`${'a-'.repeat(240)}@`, `${'a/'.repeat(240)}#!`]) expect(parseReleaseName(name)).toBeUndefined()
  })
})
