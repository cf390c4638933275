import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { staysInside } from './symlink.ts'

it('says of a link whether its text can leave the tree', () => {
  const cases: [string, string, boolean][] = [
    ['', 'a', true],
    ['', './a//b', true],
    ['', '..', false],
    ['', '../x', false],
    ['a', '..', true],
    ['a', '../..', false],
    ['a/b', '../../c', true],
    ['a/b', '../c/..', false],
    ['', '/etc/passwd', false],
    ['', '', false],
    ['', 'C:\\x', false],
    ['', 'c:x', false],
    ['', 'a\\..\\..\\b', false],
    ['', '..a', true],
  ]
  expect(cases.filter(([folder, target, stays]) => staysInside(folder, target) !== stays)).toEqual([])
})

it('lets no link out of the tree, through whatever other links it leads', () => {
  const part = fc.constantFrom('..', '.', 'a', 'b', 'l', 'm')
  const target = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))
  const link = fc.record({ at: fc.constantFrom('l', 'm', 'a/l', 'a/m', 'a/b/l', 'b/l', 'a/b/m'), target })
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'art-links-')))
  const root = join(base, 'outer', 'a', 'root')
  mkdirSync(join(root, 'a', 'b'), { recursive: true })
  mkdirSync(join(root, 'b'))
  for (const name of ['a', 'b', 'l', 'm']) mkdirSync(join(root, '..', '..', name), { recursive: true })
  try {
    fc.assert(
      fc.property(fc.uniqueArray(link, { selector: ({ at }) => at, minLength: 1 }), (links) => {
        const kept = links.filter(({ at, target: text }) => staysInside(dirname(at) === '.' ? '' : dirname(at), text))
        for (const { at, target: text } of kept) symlinkSync(text, join(root, at))
        for (const { at } of kept) {
          let reached: string
          try {
            reached = realpathSync(join(root, at))
          } catch {
            continue
          }
          expect(`${reached}/`.startsWith(`${root}/`)).toBe(true)
        }
        for (const { at } of kept) rmSync(join(root, at))
      }),
      { numRuns: 400 },
    )
  } finally {
    rmSync(base, { recursive: true })
  }
})
