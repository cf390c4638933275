import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../oid.ts'
import { sortNames } from '../tree/names.ts'
import { compareSections } from './compare.ts'
import { flag, Records } from './record.ts'
import { childPath, findName, isInside, parentOf, type Section } from './section.ts'

type Content = { [name: string]: string | Content }

/** A link is told from a file by its `@`, a program by its `*`. */
function sectionsOf(content: Content, path = '', into: Section[] = []): Section[] {
  const names = sortNames(Object.keys(content))
  const records = Records.allocate(names.length)
  into.push({ path, names, records })
  for (const [i, name] of names.entries()) {
    const value = content[name]!
    if (typeof value !== 'string') {
      records.setFlags(i, flag.folder)
      sectionsOf(value, childPath(path, name), into)
      continue
    }
    const kind = value.startsWith('@') ? flag.symlink : flag.file
    records.setFlags(i, kind | (value.startsWith('*') ? flag.executable : 0) | flag.stat | flag.racy)
    records.setOid(i, sha256(Buffer.from(value.slice(1))))
    records.setSize(i, value.length - 1)
  }
  return into
}

function listing(content: Content, prefix = '', into = new Map<string, string>()): Map<string, string> {
  for (const [name, value] of Object.entries(content)) {
    if (typeof value === 'string') into.set(prefix + name, value)
    else listing(value, `${prefix}${name}/`, into)
  }
  return into
}

const content: fc.Arbitrary<Content> = fc.letrec<{ folder: Content; value: string | Content }>((tie) => ({
  folder: fc.dictionary(fc.constantFrom('a', 'b', 'a-b', '\u{1f600}', '\uffee'), tie('value'), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(' x', ' y', '*x', '@x'), tie('folder')),
})).folder

describe('two states of a directory', () => {
  it('differ exactly where their listings differ', () => {
    fc.assert(
      fc.property(content, content, (before, after) => {
        const a = listing(before)
        const b = listing(after)
        const expected = new Map<string, string>()
        for (const [path, value] of a)
          if (b.get(path) !== value) expected.set(path, b.has(path) ? 'modified' : 'removed')
        for (const path of b.keys()) if (!a.has(path)) expected.set(path, 'added')
        const changes = [...compareSections(sectionsOf(before), sectionsOf(after))]
        expect(changes).toHaveLength(expected.size)
        expect(new Map(changes.map(({ path, state }) => [path, state]))).toEqual(expected)
        for (const { path, before: from, after: to } of changes) {
          if (from !== undefined) expect(childPath(from.section.path, from.section.names[from.i]!)).toBe(path)
          if (to !== undefined) expect(childPath(to.section.path, to.section.names[to.i]!)).toBe(path)
        }
      }),
    )
  })

  it('do not differ from themselves', () => {
    fc.assert(
      fc.property(content, (one) => {
        expect([...compareSections(sectionsOf(one), sectionsOf(one))]).toEqual([])
      }),
    )
  })
})

describe('paths in a directory', () => {
  it('are found by name, or where they would stand', () => {
    const names = fc
      .uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), { maxLength: 20 })
      .map(sortNames)
    fc.assert(
      fc.property(names, fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), (sorted, name) => {
        const at = findName(sorted, name)
        if (at >= 0) expect(sorted[at]).toBe(name)
        else expect(sortNames([...sorted, name]).indexOf(name)).toBe(~at)
      }),
    )
  })

  it('know what they are inside of', () => {
    expect(['a', 'a/b', 'ab', 'b/a', ''].map((path) => isInside(path, 'a'))).toEqual([true, true, false, false, false])
    expect(isInside('a', undefined)).toBe(true)
    expect(['a', 'a/b', 'a/b/c'].map(parentOf)).toEqual(['', 'a', 'a/b'])
  })
})
