import { describe, expect, it } from 'vitest'
import type { ScannedFile } from '@art/repo/model-api.ts'
import { PLAIN } from './color.ts'
import { renderScan } from './scan.ts'

const PIPE = { columns: undefined, paint: PLAIN, verbose: false }
const VERBOSE = { ...PIPE, verbose: true }

const file = (path: string, verdict: ScannedFile['verdict'], more: Partial<ScannedFile> = {}): ScannedFile => ({
  path,
  verdict,
  format: 'pytorch',
  complete: true,
  imports: [],
  pickles: 1,
  problems: [],
  notes: [],
  weightsOnly: { accepted: true, opcodes: [], globals: [], classes: [], reason: undefined },
  ...more,
})

const imported = (name: string, verdict: ScannedFile['verdict'], called = true): ScannedFile['imports'][number] => ({
  module: 'a',
  name,
  verdict,
  called,
  where: 'archive/data.pkl',
  position: 12,
})

const result = (scanned: ScannedFile[], more: object = {}) => ({
  verdict: 'safe' as const,
  scanned,
  others: 0,
  failed: [],
  ...more,
})

describe('a scan', () => {
  it('names what keeps a file from being safe, the worst first', () => {
    const imports = [imported('harmless', 'safe'), imported('Net', 'unknown', false), imported('system', 'unsafe')]
    const scanned = [file('x.pth', 'unsafe', { imports, problems: ['12 bytes follow'], notes: ['a note'] })]
    expect(renderScan(result(scanned), PIPE).split('\n')).toEqual([
      'unsafe   x.pth  pytorch',
      '  unsafe   a.system  called in archive/data.pkl at 12',
      '  unknown  a.Net  imported in archive/data.pkl at 12',
      '  12 bytes follow',
    ])
    expect(renderScan(result(scanned), VERBOSE)).toContain('safe     a.harmless')
    expect(renderScan(result(scanned), VERBOSE)).toContain('a note')
  })

  it('of several files is counted up', () => {
    const scanned = [file('a', 'safe'), file('b', 'unknown'), file('c', 'safe')]
    const lines = renderScan(result(scanned, { others: 1 }), PIPE).split('\n')
    expect(lines.at(-1)).toBe('1 unknown, 2 safe, 1 file that is no model or pickle')
    expect(renderScan(result([]), PIPE)).toBe('nothing to scan: no file is there')
    expect(renderScan(result([], { failed: [{ path: 'x', code: 'NOT_FOUND', message: '' }] }), PIPE)).toBe('')
  })

  it('is cut where a file names very much', () => {
    const imports = Array.from({ length: 500 }, (_, i) => imported(`n${i}`, 'unknown'))
    const lines = renderScan(result([file('x', 'unknown', { imports })]), PIPE).split('\n')
    expect(lines.length).toBe(14)
    expect(lines.at(-1)).toBe('  and 488 more: -v shows all')
    expect(renderScan(result([file('x', 'unknown', { imports })]), VERBOSE).split('\n')).toHaveLength(501)
  })

  it('shows nothing of a file that a terminal would obey', () => {
    const evil = '\u001b]0;x\u0007\u202e\n'
    const imports = [{ ...imported(evil, 'unsafe'), module: evil, where: evil }]
    const text = renderScan(result([file(evil, 'unsafe', { imports, problems: [evil] })]), PIPE)
    expect(text).not.toMatch(/[\u001b\u0007\u202e]/)
    expect(text.split('\n')).toHaveLength(3)
  })
})
