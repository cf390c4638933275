import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { sha256, toHex } from '../oid.ts'
import { buildFolder } from './build.ts'
import { diffTrees } from './diff.ts'
import { sortNames } from './names.ts'
import { decodeNode, encodeNode, type TreeEntry } from './node.ts'
import { readFolder } from './read.ts'
import { TreeStreamReader, walkTree } from './stream.ts'

type Content = { [name: string]: string | Content }

/** A store of nodes that counts what is read from it. */
class Nodes {
  readonly #nodes = new Map<string, Buffer>()
  reads = 0

  add(nodes: { oid: Buffer; bytes: Buffer }[]): void {
    for (const { oid, bytes } of nodes) this.#nodes.set(toHex(oid), bytes)
  }

  readonly read = (oid: Uint8Array): Buffer => {
    this.reads++
    return this.#nodes.get(toHex(oid))!
  }
}

function fileOf(name: string, content: string): TreeEntry {
  return { name, kind: 'f', executable: false, size: Buffer.byteLength(content), oid: sha256(Buffer.from(content)) }
}

/** Builds folders from the leaves up; gives the nodes in depth-first order. */
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

const wide = Array.from({ length: 10_000 }, (_, i) => fileOf(`image-${String(i).padStart(6, '0')}.jpg`, `${i}`))

function plain(entries: readonly TreeEntry[]): unknown[] {
  return entries.map((entry) => ({ ...entry, oid: toHex(entry.oid) }))
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

describe('a wide folder', () => {
  const built = buildFolder(wide)
  const nodes = new Nodes()
  nodes.add(built.nodes)

  it('is cut into nodes of about 256 entries, between the bounds', () => {
    const counts = built.nodes
      .map(({ bytes }) => decodeNode(bytes))
      .filter(({ level }) => level === 0)
      .map(({ entries }) => entries.length)
    expect(wide.length / counts.length).toBeGreaterThan(180)
    expect(wide.length / counts.length).toBeLessThan(350)
    expect(Math.max(...counts)).toBeLessThanOrEqual(1024)
    expect(Math.min(...counts.slice(0, -1))).toBeGreaterThanOrEqual(64)
    expect(Math.max(...built.nodes.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(64 << 10)
  })

  it('has the oid it always had', () => {
    const entries = Array.from({ length: 1000 }, (_, i) => fileOf(`f${String(i).padStart(3, '0')}`, 'x'))
    const { oid, nodes: four } = buildFolder(entries)
    expect(toHex(oid)).toBe('9aebc98cd13d1d216ccaa80b424ce6d5be9eed1ef8d511b2e9e59bd13227edee')
    expect(four.map(({ bytes }) => decodeNode(bytes).entries.length)).toEqual([3, 575, 241, 184])
  })

  it('is read back whole, top node first', () => {
    expect(built.nodes[0]!.oid).toEqual(built.oid)
    expect(plain(readFolder(built.oid, nodes.read))).toEqual(plain(wide))
    expect(built.size).toBe(wide.reduce((sum, { size }) => sum + size, 0))
  })

  it('is the same with name hashes that were kept', () => {
    const hashes = Uint32Array.from(wide, ({ name }) => sha256(Buffer.from(name)).readUInt32BE(0))
    expect(buildFolder(wide, hashes)).toEqual(built)
  })

  it('changes one node on each level where a content changes', () => {
    const known = new Set(built.nodes.map(({ oid }) => toHex(oid)))
    const changed = wide.with(5000, fileOf(wide[5000]!.name, 'new'))
    expect(buildFolder(changed).nodes.filter(({ oid }) => !known.has(toHex(oid)))).toHaveLength(2)
  })

  it('changes few nodes where names come and go', () => {
    const known = new Set(built.nodes.map(({ oid }) => toHex(oid)))
    for (const [i, more] of [
      [17, []],
      [5000, [fileOf('image-005000a.jpg', 'x')]],
      [9999, []],
    ] as const) {
      const changed = wide.toSpliced(i, 1, ...more)
      expect(buildFolder(changed).nodes.filter(({ oid }) => !known.has(toHex(oid))).length).toBeLessThanOrEqual(8)
    }
  })

  it('of very long names stays within 64 KiB a node', () => {
    const long = Array.from({ length: 3000 }, (_, i) => fileOf(`${String(i).padStart(5, '0')}${'é'.repeat(125)}`, 'x'))
    const { oid, nodes: all } = buildFolder(long)
    const store = new Nodes()
    store.add(all)
    expect(plain(readFolder(oid, store.read))).toEqual(plain(long))
  })
})

const content: fc.Arbitrary<Content> = fc.letrec<{ folder: Content; value: string | Content }>((tie) => ({
  folder: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a-b', 'B', 'é', '\u{1f600}', '\uffee'), tie('value'), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom('', 'x', 'yy'), tie('folder')),
})).folder

/** Path to content; a folder to null. */
function listing(from: Content, prefix = '', into = new Map<string, string | null>()): Map<string, string | null> {
  for (const [name, value] of Object.entries(from)) {
    into.set(prefix + name, typeof value === 'string' ? toHex(sha256(Buffer.from(value))) : null)
    if (typeof value !== 'string') listing(value, `${prefix}${name}/`, into)
  }
  return into
}

describe('a tree', () => {
  it('is walked whole, each folder before what is in it, each in the order of names', () => {
    fc.assert(
      fc.property(content, (given) => {
        const nodes = new Nodes()
        const { oid } = plant(given, nodes)
        const found = [...walkTree(oid, nodes.read)]
        expect(new Map(found.map(({ path, entry }) => [path, entry.kind === 'd' ? null : toHex(entry.oid)]))).toEqual(
          listing(given),
        )
        const keys = found.map(({ path }) =>
          path
            .split('/')
            .map((name) => toHex(Buffer.from(name)))
            .join('!'),
        )
        expect(keys).toEqual(keys.toSorted())
      }),
    )
  })

  it('is the same whatever it was built from: old nodes and new ones', () => {
    fc.assert(
      fc.property(content, content, (before, after) => {
        const nodes = new Nodes()
        plant(before, nodes)
        expect(plant(after, nodes)).toEqual(plant(structuredClone(after), new Nodes()))
      }),
    )
  })

  it('differs from another exactly where their listings differ', () => {
    fc.assert(
      fc.property(content, content, (before, after) => {
        const nodes = new Nodes()
        const a = plant(before, nodes)
        const b = plant(after, nodes)
        const listA = listing(before)
        const listB = listing(after)
        const expected = new Set<string>()
        for (const path of new Set([...listA.keys(), ...listB.keys()])) {
          const x = listA.get(path)
          const y = listB.get(path)
          if (x === y) continue
          if (typeof x === 'string' && typeof y === 'string') expected.add(`modified ${path}`)
          else {
            if (x !== undefined) expected.add(`removed ${path}`)
            if (y !== undefined) expected.add(`added ${path}`)
          }
        }
        const found = [...diffTrees(a.oid, b.oid, nodes.read)].map(({ state, path }) => `${state} ${path}`)
        expect(new Set(found)).toEqual(expected)
        expect(found).toHaveLength(expected.size)
      }),
      { numRuns: 300 },
    )
  })

  it('is compared with another by reading what differs', () => {
    const before = buildFolder(wide)
    const after = buildFolder(wide.with(5000, fileOf(wide[5000]!.name, 'new')).toSpliced(8000, 1))
    const nodes = new Nodes()
    nodes.add([...before.nodes, ...after.nodes])
    expect([...diffTrees(before.oid, after.oid, nodes.read)].map(({ state, path }) => `${state} ${path}`)).toEqual([
      'modified image-005000.jpg',
      'removed image-008000.jpg',
    ])
    expect(nodes.reads).toBeLessThanOrEqual(10)
  })

  it('is compared across a different number of levels', () => {
    const nodes = new Nodes()
    const few = buildFolder(wide.slice(0, 20))
    const many = buildFolder(wide)
    nodes.add([...few.nodes, ...many.nodes])
    expect([...diffTrees(few.oid, many.oid, nodes.read)]).toHaveLength(wide.length - 20)
    expect([...diffTrees(many.oid, few.oid, nodes.read)].every(({ state }) => state === 'removed')).toBe(true)
  })
})

describe('a tree from a stranger', () => {
  it('is refused where a node is another one, or comes after the end', () => {
    const nodes = new Nodes()
    const { oid } = plant({ a: { b: 'x' } }, nodes)
    const reader = new TreeStreamReader(oid)
    expect(codeOf(() => new TreeStreamReader(oid).push(encodeNode(0, [])))).toBe('CORRUPT')
    while (reader.next !== undefined) reader.push(nodes.read(reader.next))
    expect(codeOf(() => reader.push(encodeNode(0, [])))).toBe('CORRUPT')
  })

  it('is refused where sizes or levels lie, or names are out of order across nodes', () => {
    const node = (level: number, entries: TreeEntry[]): { oid: Buffer; bytes: Buffer } => {
      const bytes = encodeNode(level, entries)
      return { oid: sha256(bytes), bytes }
    }
    const refused = (below: { oid: Buffer; bytes: Buffer }[], level: number, entries: TreeEntry[]): void => {
      const top = node(level, entries)
      const nodes = new Nodes()
      nodes.add([top, ...below])
      expect(codeOf(() => [...walkTree(top.oid, nodes.read)])).toBe('CORRUPT')
      expect(codeOf(() => readFolder(top.oid, nodes.read))).toBe(level > 0 ? 'CORRUPT' : 'none')
    }
    const ab = node(0, [fileOf('a', '1'), fileOf('b', '2')])
    const bc = node(0, [fileOf('b', '1'), fileOf('c', '2')])
    const entry = (name: string, kind: 'd' | 'n', size: number, oid: Buffer): TreeEntry => ({
      name,
      kind,
      executable: false,
      size,
      oid,
    })
    refused([ab], 0, [entry('x', 'd', 3, ab.oid)])
    refused([ab], 1, [entry('b', 'n', 3, ab.oid)])
    refused([ab], 1, [entry('c', 'n', 2, ab.oid)])
    refused([ab], 2, [entry('b', 'n', 2, ab.oid)])
    refused([ab, bc], 1, [entry('b', 'n', 2, ab.oid), entry('c', 'n', 2, bc.oid)])
  })

  it('is refused where folders are nested without end, and does not overflow the stack', () => {
    let folder = buildFolder([])
    const nodes = new Nodes()
    nodes.add(folder.nodes)
    const deepen = (): void => {
      folder = buildFolder([{ name: 'd', kind: 'd', executable: false, size: 0, oid: folder.oid }])
      nodes.add(folder.nodes)
    }
    for (let i = 0; i < 256; i++) deepen()
    expect([...walkTree(folder.oid, nodes.read)]).toHaveLength(256)
    expect([...diffTrees(buildFolder([]).oid, folder.oid, nodes.read)]).toHaveLength(256)
    for (let i = 0; i < 5000; i++) deepen()
    expect(codeOf(() => [...walkTree(folder.oid, nodes.read)])).toBe('CORRUPT')
    expect(codeOf(() => [...diffTrees(buildFolder([]).oid, folder.oid, nodes.read)])).toBe('CORRUPT')
  })
})
