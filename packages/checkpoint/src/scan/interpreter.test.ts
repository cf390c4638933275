import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../source/bytes.ts'
import { Findings } from './findings.ts'
import { Interpreter } from './interpreter.ts'
import { runPickle } from './run-pickle.ts'

/** A pickle in hex, the names that Python's unpickler asks for (`module name`), and what it fails with. */
type Case = [pickle: string, seen: string[], error: string | null]

const cases = JSON.parse(
  readFileSync(new URL('../../../../test/data/models/scan/imports.json', import.meta.url), 'utf8'),
) as Case[]

async function importsOf(bytes: Uint8Array, window?: number): Promise<{ names: string[]; unresolved: boolean }> {
  const findings = new Findings({})
  const run = new Interpreter('pickle', findings)
  await runPickle(run, bytesSource('pickle', bytes), 0, window === undefined ? {} : { window })
  const names = findings.imports.map(({ module, name }) => `${module} ${name}`)
  return { names: names.filter((name) => !name.includes('?')), unresolved: names.some((name) => name.includes('?')) }
}

describe('Interpreter', () => {
  it('finds the imports that Python’s own unpickler asks for, in its order', async () => {
    let finished = 0
    for (const [hex, seen, error] of cases) {
      const expected = [...new Set(seen)]
      const { names, unresolved } = await importsOf(Buffer.from(hex, 'hex'))
      if (error === null) {
        finished += 1
        expect({ hex, names, unresolved }).toEqual({ hex, names: expected, unresolved: false })
      } else expect({ hex, names: names.slice(0, expected.length) }).toEqual({ hex, names: expected })
    }
    expect(finished).toBeGreaterThan(200)
  })

  it('finds the same through a window of any size', async () => {
    for (const [hex] of cases.slice(0, 200)) {
      const bytes = Buffer.from(hex, 'hex')
      const whole = await importsOf(bytes)
      for (const window of [1, 2, 7, 16]) expect(await importsOf(bytes, window)).toEqual(whole)
    }
  })
})
