import { expect, test } from 'vitest'
import { parseMetricsFile } from './metrics-file.ts'

test('numbers are metrics, also those that Python writes and JSON has not', () => {
  const text = '{"loss": NaN, "best": {"f1": -Infinity, "top": Infinity}, "note": "NaN \\" -Infinity", "acc": 0.5}'
  expect(parseMetricsFile(text)).toEqual({ loss: 'nan', 'best.f1': '-inf', 'best.top': 'inf', acc: 0.5 })
})

test('a file that breaks off within a string is no metrics file, however long the string is', () => {
  for (const text of [`{"a": NaN, "${'\\"'.repeat(500_000)}`, `{"a": NaN, "${'\\\n'.repeat(500_000)}\\`]) {
    const start = process.cpuUsage()
    expect(parseMetricsFile(text)).toBeUndefined()
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000)
  }
})
