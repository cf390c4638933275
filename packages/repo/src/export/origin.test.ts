import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parsePlainPointer, parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import { type Origin, originMap, originOf } from './origin.ts'

const digest = `sha256:${'0a'.repeat(32)}`
const origin: Origin = {
  source: 'models/resnet best.pth',
  release: 'resnet@v1.2.0',
  oid: digest,
  weights: digest,
  format: 'onnx',
  model: 'src.models.model:get_model',
  kwargs: 'num_classes=10,name="a: b # c"',
  input: '1,3,32,32',
  torch: '2.15.0+cu132',
  opset: 11,
  exporter: 'torchscript',
  comparedWith: 'onnxruntime 1.32.0',
  maxAbsDiff: 7.9e-7,
}
const pointer: Pointer = { path: 'resnet.onnx', oid: '5'.repeat(64), kind: 'f', size: 3, origin: originMap(origin) }

it('stands in the pointer in lines that need no YAML library, and is read as it was written', async () => {
  const text = await serializePointer(pointer)
  expect(text).toMatch(/^origin:\n {2}source: models\/resnet best\.pth\n/m)
  expect(originOf(parsePlainPointer(text)!)).toEqual(origin)
  const edited = `# ours\n${text}owner: ann\n`
  expect(originOf(await parsePointer(edited))).toEqual(origin)
  expect(await serializePointer(pointer, edited)).toBe(edited)
})

it('is left alone where the key is somebody else’s', async () => {
  const { origin: _, ...without } = pointer
  const theirs = `${await serializePointer(without)}origin: the lab next door\n`
  const { origin: read } = await parsePointer(theirs)
  expect(read).toBeUndefined()
  expect(await serializePointer(without, theirs)).toBe(theirs)
  expect(await serializePointer(without, `# ours\n${theirs}`)).toBe(`# ours\n${theirs}`)
})

it('is nothing where people wrote something else, and never anything but texts, digests and numbers', async () => {
  expect(originOf({})).toBeUndefined()
  expect(
    originOf(await parsePointer((await serializePointer(pointer)).replace(/^origin:\n(?: .*\n)*/m, 'origin: me\n'))),
  ).toBeUndefined()
  const value = fc.oneof(
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(new Map()),
    fc.constant(digest),
  )
  const changes = fc.dictionary(fc.constantFrom(...originMap(origin).keys()), value)
  fc.assert(
    fc.property(changes, (given) => {
      const map: YamlMap = new Map([...originMap(origin), ...Object.entries(given)])
      const read = originOf({ origin: map })
      if (read === undefined) return
      for (const [key, one] of Object.entries(read)) {
        if (key === 'oid' || key === 'weights') expect(one).toBe(digest)
        else if (key === 'opset' || key === 'maxAbsDiff')
          expect(Number.isFinite(one) && (one as number) >= 0).toBe(true)
        else expect(typeof one).toBe('string')
      }
    }),
  )
})
