import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tagFormat } from './format.ts'
import { formatGtoTag, parseGtoTag } from './grammar.ts'
import { formatTagMessage, parseTagMessage } from './message.ts'
import type { TagWord } from './tag.ts'

describe('GTO tags', () => {
  test.each([
    ['rf@v1.2.3', { kind: 'version', model: 'rf', version: '1.2.3', undone: false }],
    ['rf@v1.2.3!', { kind: 'version', model: 'rf', version: '1.2.3', undone: true }],
    ['rf#prod#2', { kind: 'stage', model: 'rf', stage: 'prod', undone: false, counter: 2 }],
    ['rf#prod!#3', { kind: 'stage', model: 'rf', stage: 'prod', undone: true, counter: 3 }],
    ['rf@deprecated', { kind: 'deprecated', model: 'rf', undone: false }],
    ['a/b_c@v1.0.0-rc.1', { kind: 'version', model: 'a/b_c', version: '1.0.0-rc.1', undone: false }],
  ] as const)('%s', (tag, word) => {
    expect(parseGtoTag(tag)).toEqual(word)
    expect(formatGtoTag(word as TagWord)).toBe(tag)
  })

  test.each([
    'v1.0.0',
    'rf@1.0.0',
    'rf@v1',
    'rf@v1.2',
    '-rf@v1.0.0',
    'rf-@v1.0.0',
    'rf@vv1.0.0',
    'cv=rf@v1.0.0',
    'rf#',
    'rf@v1.0.0#',
  ])('%s is none of ours', (tag) => expect(parseGtoTag(tag)).toBeUndefined())

  test('a folder of the repository has tags of its own', () => {
    expect(parseGtoTag('cv=pool-seg@v0.0.1', 'cv')).toMatchObject({ model: 'pool-seg' })
    expect(parseGtoTag('pool-seg@v0.0.1', 'cv')).toBeUndefined()
  })
})

describe("a team's own tags", () => {
  test('with the name of the model', () => {
    const format = tagFormat('{name}-v{version}')
    expect(format.format('simple_cnn', '1.0.0')).toBe('simple_cnn-v1.0.0')
    expect(format.parse('my-v2-net-v1.0.0')).toMatchObject({ model: 'my-v2-net', version: '1.0.0' })
    expect(format.parse('simple_cnn-v1')).toBeUndefined()
  })

  test('of one model', () => {
    const format = tagFormat('model-v{version}', { model: 'net' })
    expect(format.parse(format.format('net', '1.2.3-rc.1'))).toMatchObject({ model: 'net', version: '1.2.3-rc.1' })
  })

  test.each([
    '{name}',
    '{version}{name}',
    '{name}{version}',
    'a b{version}',
    '-{version}',
    '{name}..{version}',
    '{version}.lock',
  ])('%s is refused', (pattern) => expect(() => tagFormat(pattern, { model: 'net' })).toThrow(/refused/))
})

test('a message is read back, whatever a person wrote into it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const facts = {
        path: 'models/a b.pth',
        oid: 'a'.repeat(64),
        kind: 'f' as const,
        size: 7,
        gitCommit: 'b'.repeat(40),
        version: '1.0.0',
      }
      expect(parseTagMessage(formatTagMessage('Release a 1.0.0', facts, text))).toEqual(facts)
    }),
  )
})

test('a path that leads out of the repository is not taken from a message', () => {
  for (const path of ['/etc/passwd', '../x', 'a/../../x']) {
    expect(parseTagMessage(formatTagMessage('x', { path }))?.path).toBeUndefined()
  }
})
