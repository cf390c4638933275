import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../source/bytes.ts'
import { countingSource } from '../source/counting.ts'
import { fileSource } from '../source/file.ts'
import { makeZip } from '../zip/temporary-zip.ts'
import { detectFormat } from './detect.ts'
import { readModel } from './read.ts'
import { mayBeModel } from './start.ts'
import { codeOf, MODELS } from './temporary-facts.ts'

const FORMATS: [suffix: RegExp, format: string][] = [
  [/^safetensors\/.*\.(safetensors|index\.json)$/, 'safetensors'],
  [/^onnx\/.*\.onnx$/, 'onnx'],
  [/^gguf\/.*\.gguf$/, 'gguf'],
  [/^numpy\/.*\.npy$/, 'npy'],
  [/^numpy\/.*\.npz$/, 'npz'],
]

function filesBelow(folder: string): string[] {
  if (!existsSync(join(MODELS, folder))) throw new Error(`${folder} is missing`)
  return readdirSync(join(MODELS, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(MODELS.length + 1))
}

const files = ['safetensors', 'onnx', 'gguf', 'numpy'].flatMap(filesBelow)
const text = (value: string): Buffer => Buffer.from(value, 'latin1')

/** The first header of a tar archive. */
function tarStart(name: string): Buffer {
  const header = Buffer.alloc(1024)
  header.write(name)
  header.write('0000000\0', 124)
  header.write('        ', 148)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

describe('the format of a file', () => {
  it.each(files)('%s is told from its bytes', async (file) => {
    const bytes = readFileSync(join(MODELS, file))
    const format = FORMATS.find(([suffix]) => suffix.test(file))?.[1]
    expect(await detectFormat(bytesSource('misleading.pt', bytes))).toBe(format)
  })

  it('of PyTorch checkpoints is told, with little of them read', async () => {
    const source = countingSource(await fileSource('test/data/simple_cnn.pth'))
    expect(await detectFormat(source)).toBe('pytorch')
    expect(source.bytes).toBeLessThan(10_000)
    expect((await readModel(source))?.format).toBe('pytorch')
    await source.close()
  })

  it.each<[string, Buffer]>([
    ['nothing', text('')],
    ['one byte', text('\x08')],
    ['text', text('# A readme\n'.repeat(1_000))],
    ['JSON', text('{"epoch": 1, "weight": [1, 2]}')],
    ['code', text('var x = {"a": 1, "b": 2}')],
    ['a PNG', text('\x89PNG\r\n\x1a\n\0\0\0\rIHDR')],
    ['a pickle that torch did not write', text('\x80\x04\x95\x0b\0\0\0\0\0\0\0}\x94\x8c\x01a\x94K\x01s.')],
    ['zeros', Buffer.alloc(100_000)],
    ['a TensorFlow model', text('\x08\x01\x12\x04\x0a\x02ab')],
    ['a tar archive of something else', tarStart('photos/1.jpg')],
    ['a zip archive of something else', makeZip([{ name: 'photo.jpg', data: text('x') }])],
    ['such an archive, cut off', makeZip([{ name: 'photo.jpg', data: Buffer.alloc(1_000) }]).subarray(0, 500)],
    ['such an archive, too large', makeZip([{ name: 'photo.jpg', data: text('x') }], { zip64: true, count: 2 ** 40 })],
  ])('is none for %s', async (_, bytes) => {
    expect(await readModel(bytesSource('model.safetensors', bytes))).toBeUndefined()
  })

  it('is that of the files that an index names, of which none may be missing', async () => {
    const index = bytesSource('x', text('{"weight_map": {"a": "pytorch_model-1.bin"}}'))
    expect(await detectFormat(index)).toBe('pytorch')
    await expect(readModel(index)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it.each<[string, Buffer]>([
    ['safetensors', readFileSync(`${MODELS}/safetensors/numpy.safetensors`)],
    ['ONNX', readFileSync(`${MODELS}/onnx/types.onnx`)],
    ['GGUF', readFileSync(`${MODELS}/gguf/little.gguf`)],
    ['NumPy', readFileSync(`${MODELS}/numpy/version-1.npy`)],
    ['NumPy archives', readFileSync(`${MODELS}/numpy/weights.npz`)],
    ['PyTorch checkpoints', readFileSync('test/data/simple_cnn.pth')],
  ])('%s that are cut off are damaged, not unknown', async (_, bytes) => {
    for (const part of [0.5, 0.9, 0.999]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part))
      expect(await codeOf(() => readModel(bytesSource('x', cut)))).toBe('CORRUPT')
    }
  })

  it('may be one by its first bytes wherever it is one, and for few others', () => {
    const torch = filesBelow('torch').filter((file) => /\.(?:pth|pt2?|bin)$/.test(file))
    for (const file of [...files, ...torch]) {
      if (!/\.(?:json|py|data)$/.test(file)) expect(mayBeModel(readFileSync(join(MODELS, file))), file).toBe(true)
    }
    const others = [
      '',
      '# A readme',
      '{"weight_map": {}}',
      '\x89PNG\r\n',
      '\xff\xd8\xff\xe0',
      'id,label\n1,2',
      '\0\0\0\0\0\0\0\0',
    ]
    for (const other of others) expect(mayBeModel(text(other)), other).toBe(false)
    expect(mayBeModel(tarStart('photos/1.jpg'))).toBe(false)
    expect(mayBeModel(tarStart('sys_info'))).toBe(true)
  })

  it('is told without loading the readers of others', async () => {
    const { build } = await import('esbuild')
    const { metafile } = await build({
      entryPoints: ['packages/checkpoint/src/format/read.ts'],
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      metafile: true,
      write: false,
      outdir: 'out',
      tsconfig: 'tsconfig.json',
    })
    const entry = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint?.endsWith('format/read.ts'))!
    const isStatic = entry.imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path)
    const loaded = [entry, ...isStatic.map((path) => metafile.outputs[path]).filter((output) => output !== undefined)]
    const inputs = loaded.flatMap((output) => Object.keys(output.inputs))
    expect(inputs.filter((path) => /\/(onnx|gguf|numpy|pytorch)\//.test(path))).toEqual([])
  })
})
