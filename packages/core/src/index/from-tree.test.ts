import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { sha256, toHex } from '../oid.ts'
import { buildFolder } from '../tree/build.ts'
import { sortNames } from '../tree/names.ts'
import { encodeNode, type TreeEntry } from '../tree/node.ts'
import { indexFromTree, members, walkTree } from './from-tree.ts'
import { flag } from './record.ts'
import { childPath } from './section.ts'
import { FOLDER_DEPTH_MAX } from './tree-budget.ts'

type Content = { [name: string]: string | Content }
type Node = { oid: Buffer; bytes: Buffer }

class Nodes {
  readonly #nodes = new Map<string, Buffer>()

  add(nodes: readonly Node[]): void {
    for (const { oid, bytes } of nodes) this.#nodes.set(toHex(oid), bytes)
  }

  readonly read = (oid: Uint8Array): Buffer => this.#nodes.get(toHex(oid))!
}

function fileOf(name: string, content: string): TreeEntry {
  return { name, kind: 'f', executable: false, size: Buffer.byteLength(content), oid: sha256(Buffer.from(content)) }
}

function entryOf(name: string, kind: 'd' | 'n', size: number, oid: Buffer): TreeEntry {
  return { name, kind, executable: false, size, oid }
}

/** Builds folders from the leaves up. */
function plant(content: Content, nodes: Nodes): { oid: Buffer; size: number } {
  const entries = sortNames(Object.keys(content)).map((name): TreeEntry => {
    const value = content[name]!
    if (typeof value === 'string') return fileOf(name, value)
    return { name, kind: 'd', executable: false, ...plant(value, nodes) }
  })
  const built = buildFolder(entries)
  nodes.add(built.nodes)
  return { oid: built.oid, size: built.size }
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

const content: fc.Arbitrary<Content> = fc.letrec<{ folder: Content; value: string | Content }>((tie) => ({
  folder: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a-b', 'B', 'é', '\u{1f600}', '\uffee'), tie('value'), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom('', 'x', 'yy'), tie('folder')),
})).folder

/** Path to content, in the order of walking; a folder to null. */
function listing(from: Content, prefix = '', into = new Map<string, string | null>()): Map<string, string | null> {
  for (const name of sortNames(Object.keys(from))) {
    const value = from[name]!
    into.set(prefix + name, typeof value === 'string' ? toHex(sha256(Buffer.from(value))) : null)
    if (typeof value !== 'string') listing(value, `${prefix}${name}/`, into)
  }
  return into
}

describe('a tree', () => {
  it('gives every folder before those below it, with its names in order, and its sums', () => {
    fc.assert(
      fc.property(content, (given) => {
        const nodes = new Nodes()
        const { oid, size } = plant(given, nodes)
        const index = indexFromTree(oid, nodes.read)
        const expected = listing(given)
        const folders = [...expected].flatMap(([path, value]) => (value === null ? [path] : []))
        expect(index.sections.map(({ path }) => path)).toEqual(['', ...folders])
        for (const { path, names } of index.sections) {
          const prefix = path === '' ? '' : `${path}/`
          const inside = [...expected.keys()].filter(
            (one) => one.startsWith(prefix) && !one.slice(prefix.length).includes('/'),
          )
          expect(names.map((name) => childPath(path, name))).toEqual(inside)
        }
        expect(index.bytes).toBe(size)
        expect(index.files).toBe(expected.size - folders.length)
        expect(index.sections[0]!.tree).toEqual({ oid, size, files: index.files })
      }),
    )
  })

  it('gives its files in the order of walking, however wide its folders are', () => {
    fc.assert(
      fc.property(content, (given) => {
        const nodes = new Nodes()
        const found = [...members(indexFromTree(plant(given, nodes).oid, nodes.read))]
        expect(
          found.map(({ section, i }) => [childPath(section.path, section.names[i]!), toHex(section.records.oid(i))]),
        ).toEqual([...listing(given)].filter(([, value]) => value !== null))
      }),
    )
    const wide = Array.from({ length: 5000 }, (_, i) => fileOf(`image-${String(i).padStart(6, '0')}.jpg`, `${i}`))
    const built = buildFolder(wide)
    const nodes = new Nodes()
    nodes.add(built.nodes)
    expect(indexFromTree(built.oid, nodes.read).sections[0]!.names).toEqual(wide.map(({ name }) => name))
    expect(built.nodes.length).toBeGreaterThan(10)
  })

  it('asks for its nodes in the order in which they are built: top first, depth first', () => {
    const wide = Array.from({ length: 2000 }, (_, i) => fileOf(String(i).padStart(4, '0'), ''))
    const inner = buildFolder(wide)
    const outer = buildFolder([fileOf('a', ''), entryOf('b', 'd', inner.size, inner.oid), fileOf('c', '')])
    const nodes = new Nodes()
    nodes.add([...outer.nodes, ...inner.nodes])
    const asked: string[] = []
    const walk = walkTree(outer.oid)
    for (let step = walk.next(); !step.done; step = walk.next(nodes.read(step.value))) asked.push(toHex(step.value))
    expect(asked).toEqual([...outer.nodes, ...inner.nodes].map(({ oid }) => toHex(oid)))
  })

  it('keeps kinds and the executable bit', () => {
    const { oid, nodes: built } = buildFolder([
      { ...fileOf('a', 'x'), executable: true },
      { ...fileOf('b', 'a'), kind: 'l' },
      entryOf('c', 'd', 0, buildFolder([]).oid),
    ])
    const nodes = new Nodes()
    nodes.add([...built, ...buildFolder([]).nodes])
    const { records } = indexFromTree(oid, nodes.read).sections[0]!
    expect([0, 1, 2].map((i) => records.flags(i))).toEqual([flag.file | flag.executable, flag.symlink, flag.folder])
  })
})

describe('a tree from a stranger', () => {
  it('is refused where a node is another one', () => {
    const { oid } = buildFolder([fileOf('a', 'x')])
    expect(codeOf(() => indexFromTree(oid, () => encodeNode(0, [])))).toBe('CORRUPT')
  })

  it('is refused where sizes or levels lie, or names are out of order across nodes', () => {
    const node = (level: number, entries: TreeEntry[]): Node => {
      const bytes = encodeNode(level, entries)
      return { oid: sha256(bytes), bytes }
    }
    const refused = (below: Node[], level: number, entries: TreeEntry[]): void => {
      const top = node(level, entries)
      const nodes = new Nodes()
      nodes.add([top, ...below])
      expect(codeOf(() => indexFromTree(top.oid, nodes.read))).toBe('CORRUPT')
    }
    const ab = node(0, [fileOf('a', '1'), fileOf('b', '2')])
    const bc = node(0, [fileOf('b', '1'), fileOf('c', '2')])
    refused([ab], 0, [entryOf('x', 'd', 3, ab.oid)])
    refused([ab], 1, [entryOf('b', 'n', 3, ab.oid)])
    refused([ab], 1, [entryOf('c', 'n', 2, ab.oid)])
    refused([ab], 2, [entryOf('b', 'n', 2, ab.oid)])
    refused([ab, bc], 1, [entryOf('b', 'n', 2, ab.oid), entryOf('c', 'n', 2, bc.oid)])
  })

  it('is refused with a name that must not be written to a disk', () => {
    for (const unsafe of ['..', '.git', 'a/b', 'git~1']) {
      const bytes = encodeNode(0, [fileOf('x'.repeat(unsafe.length), '')])
      bytes.write(unsafe, 22)
      expect(codeOf(() => indexFromTree(sha256(bytes), () => bytes))).toBe('PATH_UNSAFE')
    }
  })

  it('is refused where folders are nested without end, and does not overflow the stack', () => {
    let folder = buildFolder([])
    const nodes = new Nodes()
    nodes.add(folder.nodes)
    const deepen = (): void => {
      folder = buildFolder([entryOf('d', 'd', 0, folder.oid)])
      nodes.add(folder.nodes)
    }
    for (let i = 0; i < FOLDER_DEPTH_MAX; i++) deepen()
    expect(indexFromTree(folder.oid, nodes.read).sections).toHaveLength(FOLDER_DEPTH_MAX + 1)
    for (let i = 0; i < 5000; i++) deepen()
    expect(codeOf(() => indexFromTree(folder.oid, nodes.read))).toBe('CORRUPT')
  })

  it('is refused where it repeats a folder beyond the limits', () => {
    const nodes = new Nodes()
    let folder = buildFolder(Array.from({ length: 50 }, (_, i) => fileOf(`f${String(i).padStart(3, '0')}`, '')))
    nodes.add(folder.nodes)
    for (let level = 0; level < 6; level++) {
      const { oid, size } = folder
      folder = buildFolder(
        Array.from({ length: 50 }, (_, i) => entryOf(`d${String(i).padStart(3, '0')}`, 'd', size, oid)),
      )
      nodes.add(folder.nodes)
    }
    expect(codeOf(() => indexFromTree(folder.oid, nodes.read, { entries: 10_000 }))).toBe('CORRUPT')
    expect(codeOf(() => indexFromTree(folder.oid, nodes.read, { files: 10_000 }))).toBe('CORRUPT')
    expect(codeOf(() => indexFromTree(folder.oid, nodes.read, { folders: 1000 }))).toBe('CORRUPT')
    const few = buildFolder([fileOf('a', ''), fileOf('b', '')])
    nodes.add(few.nodes)
    expect(codeOf(() => indexFromTree(few.oid, nodes.read, { files: 1 }))).toBe('CORRUPT')
    expect(codeOf(() => indexFromTree(few.oid, nodes.read, { files: 2, entries: 2 }))).toBe('none')
  })
})
