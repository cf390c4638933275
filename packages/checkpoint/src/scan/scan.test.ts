import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { call, pickle, text } from '../pickle/temporary-pickle.ts'
import { bytesSource } from '../source/bytes.ts'
import { countingSource } from '../source/counting.ts'
import { fileSource } from '../source/file.ts'
import { type ScanOptions, type ScanReport, scanFile } from './scan.ts'

const MODELS = fileURLToPath(new URL('../../../../test/data/models/', import.meta.url))

async function scan(path: string, options?: ScanOptions): Promise<ScanReport> {
  const source = await fileSource(MODELS + path)
  try {
    return await scanFile(source, options)
  } finally {
    await source.close()
  }
}

const filesOf = (folder: string): string[] =>
  readdirSync(MODELS + folder).filter((name) => /\.(?:pth|pt|pt2|bin|npy|npz|onnx|gguf|safetensors)$/.test(name))

describe.each(['safe', 'unknown', 'unsafe'])('a file of test/data/models/scan/%s', (verdict) => {
  it.each(readdirSync(`${MODELS}scan/${verdict}`))('%s', async (name) => {
    const report = await scan(`scan/${verdict}/${name}`)
    expect(report.verdict, JSON.stringify(report, undefined, 1)).toBe(verdict)
    // Whoever is told to distrust a file is told why.
    const reasons = report.imports.filter((found) => found.verdict !== 'safe').length + report.problems.length
    expect(reasons > 0).toBe(verdict !== 'safe')
  })
})

describe('scanFile', () => {
  it('says what is imported, whether it is called, and where', async () => {
    const { imports, complete, format } = await scan('scan/unsafe/zip-after-stop.pth')
    expect({ imports, complete, format }).toEqual({
      imports: [
        {
          module: 'os',
          name: 'system',
          verdict: 'unsafe',
          called: true,
          where: 'archive/data.pkl > pickle 2',
          position: 6,
        },
      ],
      complete: true,
      format: 'pytorch',
    })
    expect((await scan('scan/unsafe/import-only.pkl')).imports[0]).toMatchObject({ called: false, verdict: 'unsafe' })
  })

  it('finds a pickle within a pickle, and judges its loader by it', async () => {
    const { imports } = await scan('scan/unsafe/nested-twice.pkl')
    expect(imports.map(({ where, name, verdict }) => [where, name, verdict])).toEqual([
      ['pickle 1', '_load_from_bytes', 'unsafe'],
      ['pickle 1 > bytes at 40', '_load_from_bytes', 'unsafe'],
      ['pickle 1 > bytes at 40 > bytes at 40', 'system', 'unsafe'],
    ])
    expect((await scan('scan/safe/tensor.protocol2.pkl')).imports.map(({ verdict }) => verdict)).not.toContain(
      'unknown',
    )
  })

  it.each([1, 400])(
    'finds a pickle that stands in another as text, decoded from Latin-1: %i characters',
    async (length) => {
      const inner = pickle('PROTO', Buffer.from([2]), call('os', 'system', text('x'.repeat(length))))
      const outer = (value: string) => bytesSource('outer', pickle(text(value)))
      const { imports } = await scanFile(outer(inner.toString('latin1')))
      expect(imports).toMatchObject([{ module: 'os', name: 'system', verdict: 'unsafe' }])
      expect((await scanFile(outer(`\u0080 ${'honest '.repeat(length)}`))).verdict).toBe('safe')
    },
  )

  it('tells where readers of an archive would disagree', async () => {
    const problems = async (name: string): Promise<string> => (await scan(`scan/unsafe/${name}`)).problems.join('\n')
    expect(await problems('zip-other-case.pth')).toContain('duplicate archive/data.pkl')
    expect(await problems('zip-local-name.pth')).toContain('the local header has another name')
    expect(await problems('zip-hidden-member.pth')).toContain('the directory does not list it')
    expect(await problems('zip-gap.pth')).toContain('bytes that no member holds')
  })

  it('takes names that the user allows', async () => {
    const file = 'torch/module.pth'
    expect((await scan(file)).verdict).toBe('unknown')
    expect((await scan(file, { allow: ['__main__.Net'] })).verdict).toBe('safe')
    expect((await scan(file, { allow: ['__main__.*'] })).verdict).toBe('safe')
    expect((await scan('scan/unsafe/getattr.pkl', { allow: ['builtins.*'] })).verdict).toBe('unsafe')
  })

  it('reports TorchScript’s code without holding it against the file', async () => {
    const { verdict, notes, format } = await scan('torch/scripted.pt')
    expect([format, verdict, notes.length]).toEqual(['torchscript', 'safe', 1])
  })

  it('does not call safe what is no model file', async () => {
    expect(await scan('scan/make.py')).toMatchObject({
      format: undefined,
      verdict: 'unknown',
      imports: [],
      problems: [],
    })
  })

  it('reads little of a file', async () => {
    const source = countingSource(await fileSource(`${MODELS}../simple_cnn.pth`))
    expect((await scanFile(source)).verdict).toBe('safe')
    await source.close()
    expect(source.bytes).toBeLessThan(source.size / 4)
  })
})

describe('an honest file', () => {
  it.each(['torch', 'numpy', 'onnx', 'gguf', 'safetensors'])(
    'of %s is safe, unless it holds classes of its own',
    async (folder) => {
      for (const name of filesOf(folder)) {
        const { verdict, imports, problems } = await scan(`${folder}/${name}`)
        const strange = imports.filter((found) => found.verdict !== 'safe')
        const isOwn = strange.every(({ module }) => module === '__main__' || module.startsWith('transformers.'))
        // These are honest and could be tricks: two data.pkl, a tar archive, a version of GGUF that nobody reads.
        const isOdd = /^(?:two_pickles|oldest\.tar|version-1\.gguf)/.test(name)
        expect({ name, isOwn, verdict, problems: isOdd ? [] : problems }).toEqual({
          name,
          isOwn: true,
          verdict: strange.length > 0 || isOdd ? 'unknown' : 'safe',
          problems: [],
        })
      }
    },
  )
})
