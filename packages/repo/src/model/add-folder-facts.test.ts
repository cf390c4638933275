import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addAll, addOne, isKept, made, put, useRepository, warnings } from './temporary-models.ts'
import { safetensorsBytes } from './temporary-safetensors.ts'

useRepository()

describe('a directory that holds a model', () => {
  it('has the block of the shards that its index names, with the metrics of the trainer', async () => {
    put('llm', 'safetensors/sharded')
    made.write(
      'llm/trainer_state.json',
      '{"epoch": 2.0, "global_step": 500, "log_history": [{"eval_loss": 0.3, "eval_runtime": 1.2}]}',
    )
    made.write('llm/config.json', '{"architectures": ["X"]}')
    const { checkpoint, oid } = await addOne('llm')
    expect(checkpoint).toMatchObject({ format: 'safetensors', epoch: 2, step: 500, metrics: { eval_loss: 0.3 } })
    expect(checkpoint?.parameters).toBeGreaterThan(0)
    expect(checkpoint?.weights).toMatch(/^sha256:/)
    expect(made.read('llm.art')).toContain('kind: directory\n')
    expect(await isKept(oid)).toBe(true)
    expect((await addOne('llm')).state).toBe('unchanged')
    made.write('llm/trainer_state.json', '{"epoch": 3.0, "log_history": []}')
    expect((await addOne('llm')).checkpoint).toMatchObject({ epoch: 3, metrics: {}, weights: checkpoint?.weights })
  })

  it('has that of a file of torch.save in parts, whose digest is that of the whole, and which are scanned', async () => {
    put('whole.pth', '../weights/seed.pth')
    put('parts', '../weights/sharded-bin')
    const whole = (await addOne('whole.pth')).checkpoint!
    const { checkpoint, oid } = await addOne('parts')
    expect(checkpoint).toMatchObject({ format: 'pytorch', parameters: whole.parameters, weights: whole.weights })
    expect(await isKept(oid)).toBe(true)
    expect(warnings).toEqual([])
    put('parts/pytorch_model-00002-of-00002.bin', 'scan/unsafe/call-fx.pkl')
    expect((await addOne('parts')).checkpoint).toBeUndefined()
    expect(warnings).toEqual([expect.stringMatching(/^cannot be read as a model, /)])
  })

  it('has that of its only model file, large or small', async () => {
    put('one/model.safetensors', safetensorsBytes({ w: 1 << 19 }, { epoch: '7' }))
    put('one/optimizer.pt', 'torch/seed.pth')
    put('two/best.pth', 'torch/seed.pth')
    const { added } = await addAll(['one', 'two'])
    expect(added.map(({ checkpoint }) => checkpoint?.epoch)).toEqual([7, 41])
  })

  it('has none where there are several, none, or arrays beside data', async () => {
    for (const name of ['a.pth', 'b.pth']) put(`runs/${name}`, 'torch/seed.pth')
    made.write('data/1.txt', 'x')
    put('set/labels.npz', 'numpy/compressed.npz')
    put('deep/model/seed.pth', 'torch/seed.pth')
    const { added } = await addAll(['runs', 'data', 'set', 'deep'])
    expect(added.map(({ checkpoint }) => checkpoint)).toEqual([undefined, undefined, undefined, undefined])
    expect(warnings).toEqual([])
  })

  it('is added all the same where a shard is missing', async () => {
    put('llm', 'safetensors/sharded')
    const shard = readdirSync(join(made.root, 'llm')).find((name) => name.endsWith('.safetensors'))!
    truncateSync(join(made.root, 'llm', shard), 10)
    const { checkpoint, state } = await addOne('llm')
    expect([checkpoint, state]).toEqual([undefined, 'added'])
    expect(warnings).toEqual([expect.stringMatching(/^cannot be read as a model, .*: llm$/)])
  })
})
