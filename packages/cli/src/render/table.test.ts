import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COLOURED } from './color.ts'
import { renderTable } from './table.ts'
import { displayWidth, truncateMiddle } from './width.ts'

describe('display width', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['🎉', 2],
    ['👩‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['👍🏽', 2],
    ['한글', 4],
    ['ｱ', 1],
    [COLOURED('red', 'ab'), 2],
  ])('%s takes %d cells', (text, width) => expect(displayWidth(text)).toBe(width))
})

describe('cutting the middle', () => {
  it('keeps both ends and never exceeds the width', () => {
    expect(truncateMiddle('models/experiments/resnet.pth', 15)).toBe('models/…net.pth')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 30 }), (text, width) => {
        expect(displayWidth(truncateMiddle(text, width))).toBeLessThanOrEqual(width)
      }),
    )
  })
})

describe('table', () => {
  const columns = [{}, { flexible: true }, { align: 'right' }] as const
  const rows = [
    ['ok', 'データ/train', '1.00 GB'],
    ['modified', 'a', '3 B'],
  ]

  it('aligns by cells and ends no line with blanks', () => {
    expect(renderTable(rows, columns, undefined)).toEqual([
      'ok        データ/train  1.00 GB',
      'modified  a                 3 B',
    ])
    expect(
      renderTable(
        [
          ['a', '', ''],
          ['b', '', ''],
        ],
        columns,
        undefined,
      ),
    ).toEqual(['a', 'b'])
  })

  it('has what does not fit on a line of its own, where nothing of it may be lost', () => {
    const some = [
      ['ok', 'models/a.pth', '1 B'],
      ['ok', 'models/a_name_that_is_long.pth', '12 B'],
    ]
    expect(renderTable(some, [{}, { flexible: 'apart' }, { align: 'right' }], 24)).toEqual([
      'ok  models/a.pth   1 B',
      'ok                12 B\n    models/a_name_that_is_long.pth',
    ])
    const first = some.map(([state = '', path = '']) => [path, state])
    expect(renderTable(first, [{ flexible: 'apart' }, {}], 20)).toEqual([
      'models/a.pth  ok',
      'models/a_name_that_is_long.pth\n              ok',
    ])
  })

  it('fits a terminal by cutting the flexible column; a pipe gets all of it', () => {
    const long = [['modified', `data/${'x'.repeat(200)}/file.bin`, '12.3 MB']]
    for (const line of renderTable(long, columns, 80)) expect(displayWidth(line)).toBeLessThanOrEqual(80)
    expect(renderTable(long, columns, 80)[0]).toMatch(/^modified {2}data\/x+…x+\/file\.bin {2}12\.3 MB$/)
    expect(renderTable(long, columns, undefined)[0]).toContain('x'.repeat(200))
  })
})
