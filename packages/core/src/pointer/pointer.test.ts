import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ArtError, isArtError } from '../error.ts'
import type { YamlValue } from '../yaml/plain.ts'
import { pointerPathFor, unsafeName } from './name.ts'
import { parsePlainPointer, parsePointer, type Pointer } from './pointer.ts'
import { serializePointer } from './serialize.ts'

const oid = '5f70bf18a0860070'.repeat(4)
const text = `art: 1\npath: resnet.pth\noid: sha256:${oid}\nsize: 46830571\n`

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((n) => unsafeName(n) === undefined)
const pointers: fc.Arbitrary<Pointer> = fc.oneof(
  fc.record({ path: name, oid: fc.constant(oid), kind: fc.constant('f' as const), size: fc.maxSafeNat() }),
  fc.record({
    path: name,
    oid: fc.constant(oid),
    kind: fc.constant('f' as const),
    size: fc.maxSafeNat(),
    executable: fc.constant(true as const),
  }),
  fc.record({
    path: name,
    oid: fc.constant(oid),
    kind: fc.constant('d' as const),
    size: fc.maxSafeNat(),
    files: fc.maxSafeNat(),
  }),
)

async function failure(promise: Promise<unknown>): Promise<ArtError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(isArtError(error)).toBe(true)
  return error as ArtError
}

describe('a pointer', () => {
  it('has exactly these bytes', async () => {
    const pointer: Pointer = { path: 'resnet.pth', oid, kind: 'f', size: 46830571 }
    expect(await serializePointer(pointer)).toBe(text)
    const directory: Pointer = { path: 'my data', oid, kind: 'd', size: 6, files: 2 }
    expect(await serializePointer(directory)).toBe(
      `art: 1\npath: my data\nkind: directory\noid: sha256:${oid}\nsize: 6\nfiles: 2\n`,
    )
    expect(await serializePointer({ path: '1e3', oid, kind: 'f', size: 0, executable: true })).toBe(
      `art: 1\npath: "1e3"\noid: sha256:${oid}\nsize: 0\nexecutable: true\n`,
    )
  })

  it('tells what art read from a model file, in lines that need no YAML library', async () => {
    const checkpoint = new Map<string, YamlValue>([
      ['format', 'pytorch'],
      ['parameters', 11689512],
      ['weights', `sha256:${oid}`],
      ['epoch', 41],
      ['val/acc', 0.9153846153846154],
      [
        'config',
        new Map<string, YamlValue>([
          ['lr', 1e-7],
          ['betas', [0.9, 0.999]],
          ['name', 'a, b'],
        ]),
      ],
    ])
    const pointer: Pointer = { path: 'resnet.pth', oid, kind: 'f', size: 46830571, checkpoint }
    const lines = `checkpoint:\n  format: pytorch\n  parameters: 11689512\n  weights: "sha256:${oid}"\n  epoch: 41\n  "val/acc": 0.9153846153846154\n  config:\n    lr: 1.0e-7\n    betas: [0.9, 0.999]\n    name: a, b\n`
    expect(await serializePointer(pointer)).toBe(text + lines.replaceAll(/"(sha256:.*)"/g, '$1'))
    expect(parsePlainPointer(await serializePointer(pointer))).toEqual(pointer)
    const edited = `# ours\n${await serializePointer(pointer)}owner: ann\n`
    const next = new Map(checkpoint).set('epoch', 42)
    expect(await serializePointer({ ...pointer, checkpoint: next }, edited)).toBe(
      edited.replace('epoch: 41', 'epoch: 42'),
    )
    expect(await serializePointer({ path: 'resnet.pth', oid, kind: 'f', size: 46830571 }, edited)).toBe(
      `# ours\n${text}owner: ann\n`,
    )
  })

  it('keeps a block that is the same as somebody wrote it', async () => {
    const written = `${text}checkpoint:\n  epoch: 41 # the best\n  notes: [{by: ann}, null]\n`
    const pointer = await parsePointer(written)
    expect(await serializePointer({ ...pointer, path: 'moved.pth' }, written)).toBe(
      written.replace('resnet.pth', 'moved.pth'),
    )
    const changed = new Map<string, YamlValue>([['epoch', 42]])
    expect(await serializePointer({ ...pointer, checkpoint: changed }, written)).toBe(
      `${text}checkpoint:\n  epoch: 42\n`,
    )
  })

  it('keeps what people said of it, metrics only of the same content', async () => {
    const pointer: Pointer = { path: 'a', oid, kind: 'f', size: 1 }
    const said: Pointer = {
      ...pointer,
      metrics: new Map([['val_acc', 0.93]]),
      meta: new Map<string, YamlValue>([['owner', 'me']]),
      desc: 'the good one',
      labels: ['baseline', 'a, b'],
    }
    const written = await serializePointer(said)
    expect(written).toContain(
      'metrics:\n  val_acc: 0.93\nmeta:\n  owner: me\ndesc: the good one\nlabels: [baseline, "a, b"]\n',
    )
    expect(parsePlainPointer(written)).toEqual(said)
    expect(await serializePointer(pointer, written)).toBe(written)
    const { metrics: _, ...rest } = said
    const other = { oid: oid.replaceAll('5', '6') }
    expect(parsePlainPointer(await serializePointer({ ...pointer, ...other }, written))).toEqual({ ...rest, ...other })
    const none: Partial<Pointer> = { metrics: new Map(), meta: new Map(), desc: '', labels: [] }
    expect(await serializePointer({ ...pointer, ...none }, written)).toBe(await serializePointer(pointer))
  })

  it('touches only what changes of what people wrote in a shape of their own', async () => {
    const previous = `art: 1\npath: a\noid: sha256:${oid}\nsize: 1\nmeta:\n  # of the run\n  run: {id: 7, tags: [{x: 1}]}\n  gone: 1\nlabels: {a: 1}\n`
    const pointer = await parsePointer(previous)
    expect(pointer.labels).toBeUndefined()
    const meta = new Map(pointer.meta).set('team', 'vision')
    meta.delete('gone')
    const written = await serializePointer({ ...pointer, meta }, previous)
    expect(written).toBe(previous.replace('  gone: 1\n', '  team: vision\n'))
  })

  it('comes back as it was written, without a YAML library', async () => {
    await fc.assert(
      fc.asyncProperty(pointers, async (pointer) => {
        const written = await serializePointer(pointer)
        expect(parsePlainPointer(written)).toEqual(pointer)
        expect(parsePlainPointer(written.replaceAll('\n', '\r\n'))).toEqual(pointer)
      }),
    )
  })

  it('fails with one named error for any truncation or flipped bit, or still says the same', async () => {
    const bytes = Buffer.from(text)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), fc.boolean(), async (at, bit, cut) => {
        const hurt = cut ? bytes.subarray(0, at) : Buffer.from(bytes)
        if (!cut) hurt[at]! ^= 1 << bit
        const result = await parsePointer(hurt.toString('utf8'), { path: 'resnet.pth.art' }).catch(
          (error: unknown) => error,
        )
        if (isArtError(result)) expect(result.path).toMatch(/^resnet\.pth\.art/)
        else expect(Object.keys(result as object)).toEqual(['path', 'oid', 'kind', 'size'])
      }),
      { numRuns: 500 },
    )
  })

  it('keeps comments and unknown keys over a re-add', async () => {
    const previous = `# the good one\nart: 1\npath: a  # its name\nkind: directory\noid: sha256:${oid}\nsize: 1\nfiles: 1\n\nmeta: {owner: me}\n`
    const next: Pointer = { path: 'a', oid: oid.replaceAll('5', '6'), kind: 'f', size: 2 }
    const written = await serializePointer(next, previous)
    expect(written).toContain('# the good one')
    expect(written).toContain('# its name')
    expect(written).toMatch(/meta: \{ ?owner: me ?\}/)
    expect(written).not.toContain('files')
    expect(await parsePointer(written)).toEqual({ ...next, meta: new Map([['owner', 'me']]) })
  })

  it.each([
    ['../x'],
    ['a/b'],
    ['a\\b'],
    ['/etc/passwd'],
    ['..'],
    ['.'],
    [''],
    ['C:x'],
    ['a\0b'],
    ['.git'],
    ['.GIT'],
    ['.git '],
    ['.git.'],
    ['git~1'],
    ['.g\u200cit'],
    ['.git::$INDEX_ALLOCATION'],
    ['.art'],
    ['x.art'],
  ])('refuses the path %j', async (path) => {
    const error = await failure(parsePointer(text.replace('resnet.pth', JSON.stringify(path)), { path: 'p.art' }))
    expect(error.code).toBe('POINTER_INVALID')
    expect(error.path).toBe('p.art')
  })

  it.each([
    ['an alias', `x: &a [1]\ny: *a\n${text}`],
    ['an anchor', `x: &a 1\n${text}`],
    ['a tag', `x: !!binary aGk=\n${text}`],
    ['an own tag', `x: !exec rm\n${text}`],
    ['a merge key', `<<: {a: 1}\n${text}`],
    ['a prototype', `__proto__: {a: 1}\n${text}`],
    ['a key twice', `${text}size: 3\n`],
    ['deep lists', `x: ${'['.repeat(5000)}\n${text}`],
    ['deep dashes', `x:\n  ${'- '.repeat(5000)}\n${text}`],
    ['a list', '- 1\n'],
    ['nothing', ''],
    ['binary', '\0\u0001\ufffd'],
    ['too much', `${text}${'#'.repeat(1 << 20)}`],
    ['a negative size', text.replace('46830571', '-1')],
    ['an unsafe size', text.replace('46830571', '9007199254740993')],
    ['a size in text', text.replace('46830571', 'big')],
    ['another hash', text.replace('sha256:', 'md5:')],
    ['a short oid', text.replace('5f70', '')],
    ['a directory without files', `${text}kind: directory\n`],
  ])('refuses %s, by name', async (_, hostile) => {
    const error = await failure(parsePointer(hostile, { path: 'resnet.pth.art' }))
    expect(error.code).toBe('POINTER_INVALID')
    expect(error.path).toMatch(/^resnet\.pth\.art/)
  })

  it('looks at 60,000 keys in good time', async () => {
    const keys = Array.from({ length: 60_000 }, (_, i) => `k${i}: [1]\n`).join('')
    expect((await parsePointer(keys + text, { path: 'resnet.pth.art' })).size).toBe(46830571)
  })

  it('names a merge conflict, and a format that is newer than this art', async () => {
    const conflict = `art: 1\npath: resnet.pth\n<<<<<<< HEAD\nsize: 1\n=======\nsize: 2\n>>>>>>> theirs\n`
    expect(await failure(parsePointer(conflict, { path: 'resnet.pth.art' }))).toMatchObject({
      code: 'POINTER_CONFLICT',
      path: 'resnet.pth.art',
    })
    expect(await failure(parsePointer(text.replace('art: 1', 'art: 2')))).toMatchObject({
      code: 'UNSUPPORTED',
      hint: 'Update art.',
    })
  })

  it('must be named after what it stands for', async () => {
    expect((await failure(parsePointer(text, { path: 'm/other.pth.art' }))).hint).toContain('art mv')
    expect((await parsePointer(text, { path: 'm/resnet.pth.art' })).path).toBe('resnet.pth')
  })

  it('cannot be made for a name that leaves no room for its suffix', () => {
    expect(pointerPathFor(`m/${'a'.repeat(251)}`)).toBe(`m/${'a'.repeat(251)}.art`)
    expect(() => pointerPathFor('é'.repeat(126))).toThrow(/256 bytes/)
  })
})
