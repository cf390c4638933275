import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isArtError } from '@art/core'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import { factsFromWords, type FactWords } from './fact-words.ts'
import { giveFacts } from './give-facts.ts'
import { givenFacts, givenOf } from './given-facts.ts'

const pointer: Pointer = { path: 'a', oid: 'a'.repeat(64), kind: 'f', size: 1 }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-facts-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function refusal(words: FactWords): string {
  try {
    factsFromWords(words, folder)
  } catch (error) {
    if (isArtError(error)) return error.message
  }
  throw new Error('not refused')
}

describe('facts as they are typed', () => {
  it('are numbers for metrics, and what is read back for the rest', () => {
    const { facts } = factsFromWords(
      { metric: ['acc=.5', 'loss=NaN', 'gone='], meta: ['v=1.10', 'n=2', 'on=true', 'a=b=c'], label: ['x', '-y'] },
      folder,
    )
    expect(facts.metrics).toEqual({ acc: 0.5, loss: 'nan', gone: null })
    expect(facts.meta).toEqual({ v: '1.10', n: 2, on: true, a: 'b=c' })
    expect(facts.labels).toEqual(['x', '-y'])
  })

  it("come from JSON files, Python's NaN and objects within included; what is typed wins", () => {
    writeFileSync(join(folder, 'm.json'), '{"acc": 0.9, "loss": NaN, "test": {"f1": 1}, "cm": [[1]], "s": "x"}')
    const read = factsFromWords({ metrics: ['m.json'], metric: ['acc=0.95'] }, folder)
    expect(read.facts.metrics).toEqual({ acc: 0.95, loss: 'nan', 'test.f1': 1 })
    expect(read.passedOver).toEqual(['cm', 's'])
  })

  it.each<[string, FactWords, RegExp]>([
    ['no number', { metric: ['acc=high'] }, /no number/],
    ['no name', { metric: ['=1'] }, /takes a name and a value/],
    ['no value', { meta: ['x'] }, /takes a name and a value/],
    ['a secret by its name', { meta: ['api_key=abc'] }, /api_key looks like a secret/],
    ['a secret by its text', { desc: 'see https://me:pw@host/x' }, /looks like a secret/],
    ['a key in a label', { label: [`hf_${'a'.repeat(30)}`] }, /looks like a secret/],
    ['a merge key', { meta: ['<<=1'] }, /no name/],
    ['a line break in a label', { label: ['a\nb'] }, /no label/],
    ['too many', { meta: Array.from({ length: 65 }, (_, i) => `k${i}=1`) }, /too many/],
    ['too much', { meta: Array.from({ length: 30 }, (_, i) => `k${i}=${'x'.repeat(190)}`) }, /too many/],
  ])('%s is refused', (_, words, why) => expect(refusal(words)).toMatch(why))

  it('a metrics file that is none is named', () => {
    writeFileSync(join(folder, 'm.json'), '[1]')
    expect(refusal({ metrics: ['m.json'] })).toBe('this is no JSON object')
    expect(refusal({ metrics: ['no.json'] })).toBe('no such file or folder')
  })
})

it('whatever is given comes back from the pointer', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 })
  const key = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
    .filter((k) => !['<<', '__proto__'].includes(k))
  const value = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, fc.integer()), fc.dictionary(key, value), text, async (metrics, meta, desc) => {
      const own = { ...pointer }
      giveFacts(own, undefined, { metrics, meta, desc })
      const given = givenOf(await parsePointer(await serializePointer(own)))
      expect(given?.metrics ?? {}).toEqual(metrics)
      expect(given?.meta ?? {}).toEqual(meta)
      expect(given?.desc ?? '').toBe(desc)
    }),
  )
})

it('metrics are of one content: those of another are dropped and named, the rest stays', () => {
  const before: Pointer = { ...pointer, metrics: new Map([['acc', 0.9]]), desc: 'x', labels: ['a', 'b'] }
  const same = { ...pointer }
  expect(giveFacts(same, before, { labels: ['-a', 'c'], metrics: { f1: 1 } })).toEqual([])
  expect(same).toMatchObject({
    desc: 'x',
    labels: ['b', 'c'],
    metrics: new Map([
      ['acc', 0.9],
      ['f1', 1],
    ]),
  })
  const other = { ...pointer, oid: 'b'.repeat(64) }
  expect(giveFacts(other, before, { metrics: { f1: 1 } })).toEqual(['acc'])
  expect(other).toMatchObject({ desc: 'x', metrics: new Map([['f1', 1]]) })
})

it('of a hostile pointer no more is taken than art writes', async () => {
  const many = Array.from({ length: 50_000 }, (_, i) => `  k${i}: 1`).join('\n')
  const { facts, untold } = givenFacts(
    await parsePointer(
      `art: 1\npath: a\noid: sha256:${'a'.repeat(64)}\nsize: 1\ndesc: ${'x'.repeat(9000)}\nmetrics:\n${many}\n`,
    ),
  )
  expect(Object.keys(facts.metrics)).toHaveLength(64)
  expect(facts.desc).toBeUndefined()
  expect(untold).toBe(49_937)
  const odd =
    'metrics: {a: x, b: null, c: [1], d: {e: 1}}\nmeta: {a: null, b: {c: {d: 1}}, l: [{}]}\ndesc: [1]\nlabels: [1]\n'
  expect(givenOf(await parsePointer(`art: 1\npath: a\noid: sha256:${'a'.repeat(64)}\nsize: 1\n${odd}`))).toEqual({
    metrics: {},
    meta: { 'b.c.d': 1 },
    labels: [],
  })
})
