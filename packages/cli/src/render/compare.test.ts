import { describe, expect, it } from 'vitest'
import type { ComparedModel, CompareResult } from '@art/repo/view-api.ts'
import { PLAIN } from './color.ts'
import { renderCompare } from './compare.ts'
import { displayWidth } from './width.ts'

const PIPE = { columns: undefined, paint: PLAIN, verbose: false }
const model = (name: string, more: Partial<ComparedModel> = {}): ComparedModel => ({
  name,
  path: name,
  epoch: null,
  metrics: {},
  config: {},
  ...more,
})
const result = (models: ComparedModel[], more: Partial<CompareResult> = {}): CompareResult => ({
  models,
  by: 'val_acc',
  direction: 'highest',
  differing: ['lr'],
  others: 0,
  failed: [],
  ...more,
})
const TWO = result([
  model('a,"b".pth', { epoch: 4, metrics: { loss: 0.123456789, val_acc: 0.9 }, config: { lr: [0.1, 0.2], seed: 1 } }),
  model('b|c.pth', { metrics: { val_acc: 'nan' }, config: { seed: 1 } }),
])

describe('models side by side', () => {
  it('in a table: what decides first, then only configuration that differs', () => {
    expect(renderCompare(TWO, 'table', PIPE).split('\n')).toEqual([
      'model      val_acc  epoch      loss          lr',
      'a,"b".pth      0.9      4  0.123457  [0.1, 0.2]',
      'b|c.pth        nan',
      '2 models; val_acc, the highest first',
    ])
  })

  it('as CSV with all digits, as RFC 4180 has it', () => {
    expect(renderCompare(TWO, 'csv', PIPE).split('\n')).toEqual([
      'model,val_acc,epoch,loss,lr',
      '"a,""b"".pth",0.9,4,0.123456789,"[0.1,0.2]"',
      'b|c.pth,nan,,,',
    ])
  })

  it.each([
    ['=HYPERLINK(1)', "'=HYPERLINK(1)"],
    ['@SUM(1)', "'@SUM(1)"],
    ['+a', "'+a"],
    ['-1+cmd|x!A1', "'-1+cmd|x!A1"],
    ['=1,"2"', `"'=1,""2"""`],
    ['-1.5e-7', '-1.5e-7'],
    ['-inf', '-inf'],
    ['+3', '+3'],
    ['a=b', 'a=b'],
  ])('as CSV in which no cell is a formula: %s', (text, cell) => {
    const config = { lr: text }
    const csv = renderCompare(result([model('a', { config }), model(text)], { by: null }), 'csv', PIPE)
    expect(csv.split('\n')).toEqual(['model,lr', `a,${cell}`, `${cell},`])
  })

  it('as Markdown, in which nothing from a file is markup', () => {
    const nasty = result([model('<img src=x> [a](b) |')], { by: null, differing: [] })
    expect(renderCompare(nasty, 'md', PIPE)).toBe('| model |\n| --- |\n| &lt;img src=x\\> \\[a\\](b) \\| |')
  })

  it('fits a terminal by leaving out columns, and says how many', () => {
    const metrics = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`some_metric_${i}`, i / 7]))
    const wide = result([model(`runs/${'long-name-'.repeat(9)}.pth`, { metrics })])
    const lines = renderCompare(wide, 'table', { ...PIPE, columns: 80 }).split('\n')
    for (const line of lines) expect(displayWidth(line), line).toBeLessThanOrEqual(80)
    expect(lines.at(-1)).toMatch(/\d+ more columns: -v or --format csv$/)
    expect(renderCompare(wide, 'table', { ...PIPE, columns: 80, verbose: true })).toContain('some_metric_19')
  })

  it('escapes what is from files in every format', () => {
    const evil = 'x\u001b[2J\n\u202e'
    const nasty = result([model(evil, { metrics: { [evil]: 1, val_acc: evil }, config: { [evil]: evil } })], {
      differing: [evil],
    })
    for (const format of ['table', 'csv', 'md'] as const) {
      const text = renderCompare(nasty, format, PIPE)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
      expect(text.split('\n').length).toBeLessThanOrEqual(3)
    }
  })

  it('says why there is none', () => {
    expect(renderCompare(result([]), 'table', PIPE)).toBe('no models: nothing matches')
    expect(renderCompare(result([], { others: 3 }), 'table', PIPE)).toContain(
      '3 artifacts tell no figures; `art add --refresh`',
    )
  })
})
