import { describe, expect, it } from 'vitest'
import { sha256, toHex } from '../oid.ts'
import { buildFolder } from './build.ts'
import { decodeNode, type TreeEntry } from './node.ts'

function fileOf(name: string, content: string): TreeEntry {
  return { name, kind: 'f', executable: false, size: Buffer.byteLength(content), oid: sha256(Buffer.from(content)) }
}

/** Entries of the nodes of level 0, in the order in which they lie. */
function leaves(nodes: readonly { bytes: Buffer }[]): TreeEntry[] {
  return nodes.map(({ bytes }) => decodeNode(bytes)).flatMap(({ level, entries }) => (level === 0 ? entries : []))
}

const wide = Array.from({ length: 10_000 }, (_, i) => fileOf(`image-${String(i).padStart(6, '0')}.jpg`, `${i}`))

function plain(entries: readonly TreeEntry[]): unknown[] {
  return entries.map((entry) => ({ ...entry, oid: toHex(entry.oid) }))
}

describe('a wide folder', () => {
  const built = buildFolder(wide)

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

  it('holds every entry in order, top node first', () => {
    expect(built.nodes[0]!.oid).toEqual(built.oid)
    expect(plain(leaves(built.nodes))).toEqual(plain(wide))
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
    const { nodes } = buildFolder(long)
    expect(plain(leaves(nodes))).toEqual(plain(long))
    expect(Math.max(...nodes.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(64 << 10)
  })
})
