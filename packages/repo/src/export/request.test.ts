import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '@art/core'
import { type ProgramFlags, programRequest } from './request.ts'

const least: ProgramFlags = { to: 'onnx', model: 'src.models.model:get_model', input: ['1,3,32,32'] }

function kwargsOf(kwargs: string): unknown {
  return JSON.parse(programRequest({ ...least, kwargs }).kwargs)
}

function refusal(flags: Partial<ProgramFlags>): string | undefined {
  try {
    programRequest({ ...least, ...flags })
    return undefined
  } catch (error) {
    if (!isArtError(error, 'USAGE')) throw error
    expect(error.hint).toBeTruthy()
    return error.path
  }
}

describe('what is asked of an export', () => {
  it('has what is usual where nothing is said', () => {
    expect(programRequest(least)).toEqual({
      format: 'onnx',
      model: 'src.models.model:get_model',
      kwargs: '{}',
      inputs: [{ shape: [1, 3, 32, 32], dtype: 'float32', below: 2 }],
      opset: 18,
      inputNames: null,
      outputNames: null,
      dynamicBatch: false,
      tolerance: 1e-4,
      timeout: 900,
    })
  })

  it('has arguments as Python means them', () => {
    expect(kwargsOf('num_classes=10,image_size=32')).toEqual({ num_classes: 10, image_size: 32 })
    expect(kwargsOf('lr=1e-3, name=resnet-18 ,deep=True,old=false,head=None,layers=[2, 2],act="a,b=c"')).toEqual({
      lr: 0.001,
      name: 'resnet-18',
      deep: true,
      old: false,
      head: null,
      layers: [2, 2],
      act: 'a,b=c',
    })
    expect(kwargsOf('{"a": {"b": [1]}}')).toEqual({ a: { b: [1] } })
    expect(kwargsOf('empty=')).toEqual({ empty: '' })
    // Python's numbers have as many digits as they were typed with.
    expect(programRequest({ ...least, kwargs: 'seed=123456789012345678901' }).kwargs).toBe(
      '{"seed":123456789012345678901}',
    )
  })

  it('gives any argument on as JSON that says the same', () => {
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }), fc.string())
    const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/)
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 5 }), (given) => {
        const typed = Object.entries(given).map(([key, one]) => `${key}=${JSON.stringify(one)}`)
        expect(kwargsOf(typed.join(','))).toEqual(given)
      }),
    )
  })

  it('is refused by flag, or is JSON that Python can read', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (kwargs, input, model) => {
        expect(['--kwargs', undefined]).toContain(refusal({ kwargs }))
        expect(['--input', undefined]).toContain(refusal({ input: [input] }))
        expect(['--model', undefined]).toContain(refusal({ model }))
      }),
    )
  })

  it('has inputs of any dtype, with a bound for whole numbers', () => {
    const { inputs } = programRequest({ ...least, input: ['1,16:int64<1000', ' 2 , 4 : float16', '8:uint8'] })
    expect(inputs).toEqual([
      { shape: [1, 16], dtype: 'int64', below: 1000 },
      { shape: [2, 4], dtype: 'float16', below: 2 },
      { shape: [8], dtype: 'uint8', below: 2 },
    ])
  })

  it.each([
    ['--model', { model: undefined }],
    ['--input', { input: undefined }],
    ['--input', { input: [] }],
    ['--model', { model: 'src/models/model.py:get_model' }],
    ['--model', { model: 'src.models.model' }],
    ['--model', { model: 'src:__import__("os")' }],
    ['--input', { input: ['1x3'] }],
    ['--input', { input: ['1,0,3'] }],
    ['--input', { input: ['1000000,1000000'] }],
    ['--input', { input: ['1,3:complex64'] }],
    ['--input', { input: ['1,3:float32<5'] }],
    ['--input', { input: ['1,3:int64<0'] }],
    ['--input', { input: ['1,3', '2,3'], dynamicBatch: true }],
    ['--kwargs', { kwargs: 'a' }],
    ['--kwargs', { kwargs: 'a=1,a=2' }],
    ['--kwargs', { kwargs: '1a=1' }],
    ['--kwargs', { kwargs: '{"a": 1' }],
    ['--opset', { opset: 99 }],
    ['--opset', { to: 'torchscript', opset: 11 }],
    ['--input-names', { to: 'torchscript', inputNames: 'a' }],
    ['--input-names', { inputNames: 'a,a' }],
    ['--output-names', { outputNames: 'a,,b' }],
    ['--tolerance', { tolerance: 'small' }],
    ['--tolerance', { tolerance: '-1' }],
  ] as [string, Partial<ProgramFlags>][])('names %s where that is wrong: %j', (flag, flags) => {
    expect(refusal(flags)).toBe(flag)
  })
})
