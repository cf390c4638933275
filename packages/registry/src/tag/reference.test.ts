import { expect, test } from 'vitest'
import { parseReference } from './reference.ts'

test.each([
  ['resnet', { model: 'resnet' }],
  ['cv/resnet-50@v1.2.3', { model: 'cv/resnet-50', version: '1.2.3' }],
  ['resnet@1.2.3-rc.1', { model: 'resnet', version: '1.2.3-rc.1' }],
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
  ['resnet@v1', /no version/],
  ['resnet@v1.0.0#prod', /no version/],
  ['resnet#', /no name of a stage/],
  ['resnet#prod#1', /no name of a stage/],
  ['resnet#prod!', /no name of a stage/],
])('%j is refused', (text, why) => expect(() => parseReference(text)).toThrow(why))
