import { expect, it } from 'vitest'
import { metricsIn } from './metrics-file.ts'

it('a metrics file gives every number under its dotted name, and names what it passes over', () => {
  const text =
    '\ufeff{"acc": 0.9, "loss": NaN, "gap": "-inf", "test": {"f1": 1, "deep": {"x": 2}}, "cm": [[1]], "s": "x"}'
  const { found, passedOver } = metricsIn(text)!
  expect(Object.fromEntries(found)).toEqual({
    acc: 0.9,
    loss: 'nan',
    gap: '-inf',
    'test.f1': 1,
    'test.deep.x': 2,
  })
  expect(passedOver).toEqual(['cm', 's'])
})

it.each(['[1]', '1', '', '{', 'null'])('%j is none', (text) => expect(metricsIn(text)).toBeUndefined())

it('a file that breaks off within a string is no metrics file, however long the string is', () => {
  for (const text of [`{"a": NaN, "${'\\"'.repeat(500_000)}`, `{"a": NaN, "${'\\\n'.repeat(500_000)}\\`]) {
    expect(metricsIn(text)).toBeUndefined()
  }
})
