import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatGtoTag } from './grammar.ts'
import { parseReference, versionReference } from './reference.ts'

test.each([
  ['resnet', { model: 'resnet' }],
  ['cv/resnet-50@v1.2.3', { model: 'cv/resnet-50', version: '1.2.3' }],
  ['resnet@1.2.3-rc.1', { model: 'resnet', version: '1.2.3-rc.1' }],
  ['resnet@v1', { model: 'resnet', version: '1' }],
  ['resnet@latest', { model: 'resnet', latest: true }],
  ['resnet@greatest', { model: 'resnet', latest: true }],
  ['resnet#eu/production', { model: 'resnet', stage: 'eu/production' }],
])('%s', (text, reference) => expect(parseReference(text)).toEqual(reference))

test.each([
  ['', /no name of a model/],
  ['-x', /no name of a model/],
  ['a//b', /no name of a model/],
  ['a\nb', /no name of a model/],
  ['resnet@', /no version/],
  ['resnet@v1.0.0#prod', /no version/],
  ['resnet#', /no name of a stage/],
  ['resnet#prod#1', /no name of a stage/],
  ['resnet#prod!', /no name of a stage/],
])('%j is refused', (text, why) => expect(() => parseReference(text)).toThrow(why))

test.each([
  'resnet',
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
  'resnet@v1.0.0\n',
  'resnet#prod#3',
  '../x@v1.0.0',
  `${'a'.repeat(600)}@v1.0.0`,
  // What takes exponential time never ends: the limit of the test says so.
  `${'a-'.repeat(240)}@`,
  `${'a/'.repeat(240)}#!`,
])('%j names no version', (name) => expect(versionReference(name)).toBeUndefined())

test('every version that a tag can have is named by the tag', () => {
  const part = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}[a-z0-9]$/)
  const number = fc.nat(1000)
  fc.assert(
    fc.property(part, number, number, number, (model, a, b, c) => {
      const version = `${a}.${b}.${c}`
      const tag = formatGtoTag({ kind: 'version', model, version, undone: false })
      expect(versionReference(tag)).toEqual({ model, version })
    }),
  )
})
