import { describe, expect, it } from 'vitest'
import type { ModelFile } from '../model-file.ts'
import { instance, modelOf, type Plain, safetensorsOf, tensor } from '../temporary-model.ts'
import { stateDictOf } from '../weights/state-dict.ts'
import type { Fact } from './fact.ts'
import { type FactOptions, type Facts, factsOf } from './facts.ts'
import { isSecret } from './secret.ts'
import { parseTrainerState } from './trainer-state.ts'

const read = (file: ModelFile, options?: FactOptions): Promise<Facts> => factsOf(file, stateDictOf(file), options)
const facts = (plain: Plain, options?: FactOptions): Promise<Facts> => read(modelOf(plain), options)
const metricsOf = async (plain: Plain, metrics?: string[]) =>
  Object.fromEntries((await facts(plain, { metrics })).metrics)
const configOf = async (plain: Plain) => Object.fromEntries((await facts(plain)).config)

const weights = () => ({
  'conv.weight': tensor({ shape: [8, 3, 3, 3] }),
  'bn.weight': tensor({ shape: [8] }),
  'bn.running_mean': tensor({ shape: [8] }),
  'bn.num_batches_tracked': tensor({ dtype: 'int64', shape: [], values: [7] }),
})

const seed = () => ({
  epoch: 41,
  model_state_dict: weights(),
  optimizer_state_dict: {
    state: {
      0: {
        step: tensor({ shape: [], values: [420] }),
        exp_avg: tensor({ shape: [8] }),
        exp_avg_sq: tensor({ shape: [8] }),
      },
      1: {
        step: tensor({ shape: [], values: [421] }),
        exp_avg: tensor({ shape: [4] }),
        exp_avg_sq: tensor({ shape: [4] }),
      },
    },
    param_groups: [
      { lr: 0.001, betas: [0.9, 0.999], weight_decay: 0.01, amsgrad: false, decoupled_weight_decay: true, params: [0] },
      { lr: 0.0001, betas: [0.9, 0.999], weight_decay: 0, amsgrad: false, decoupled_weight_decay: true, params: [1] },
    ],
  },
  val_acc: 0.915,
  config: { lr: 0.001, epochs: 100, betas: [0.9, 0.999], name: 'simple', cuda: false, note: null },
})

describe('the facts of a checkpoint', () => {
  it('of the seed layout are its epoch, metric, configuration, parameters and optimizer', async () => {
    const found = await facts(seed())
    expect(found).toMatchObject({ format: 'pytorch', parameters: 224, epoch: 41, resumeEpoch: 42, leftOut: [] })
    expect([...found.metrics]).toEqual([['val_acc', 0.915]])
    expect([...found.config]).toEqual([
      ['lr', 0.001],
      ['epochs', 100],
      ['betas', [0.9, 0.999]],
      ['name', 'simple'],
      ['cuda', false],
    ])
    expect(found.optimizers).toEqual([
      {
        path: 'optimizer_state_dict',
        kind: 'AdamW',
        groups: 2,
        lr: [0.001, 0.0001],
        settings: new Map<string, Fact>([
          ['betas', [0.9, 0.999]],
          ['weight_decay', '0.01 · 0'],
          ['amsgrad', false],
        ]),
        steps: 421,
        tensors: 6,
        bytes: 104,
      },
    ])
  })

  it('are found where other programs keep them', async () => {
    const lightning = {
      epoch: 4,
      global_step: 1500,
      'pytorch-lightning_version': '2.5.0',
      state_dict: weights(),
      optimizer_states: [{ state: {}, param_groups: [{ lr: 0.1, momentum: 0.9, dampening: 0, nesterov: true }] }],
      lr_schedulers: [{ best: 0.5, last_epoch: 5 }],
      eval_delay: 0,
      callbacks: {
        'ModelCheckpoint{}': {
          monitor: 'val_loss',
          current_score: tensor({ shape: [], values: [0.25] }),
          best_model_score: 0.1,
        },
      },
      hyper_parameters: instance('argparse.Namespace', { lr: 0.1, data: { root: 'x', splits: { train: 0.8 } } }),
    }
    const found = await facts(lightning)
    expect(found).toMatchObject({ epoch: 4, step: 1500, resumeEpoch: 5 })
    expect([...found.metrics]).toEqual([['val_loss', 0.25]])
    expect([...found.config]).toEqual([
      ['lr', 0.1],
      ['data.root', 'x'],
      ['data.splits.train', 0.8],
    ])
    expect(found.optimizers).toMatchObject([{ path: 'optimizer_states.0', kind: 'SGD', lr: [0.1] }])
    // Saved when training was over: epoch counts the ones that are done.
    const loops = { fit_loop: { epoch_progress: { current: { ready: 4, completed: 4, processed: 4 } } } }
    expect(await facts({ ...lightning, loops })).toMatchObject({ epoch: 4, resumeEpoch: 4 })
    const older = { callbacks: { "ModelCheckpoint{'monitor': 'val_f1', 'mode': 'max'}": { best_model_score: 0.7 } } }
    expect(await metricsOf(older)).toEqual({ val_f1: 0.7 })
    const gpt = {
      model: weights(),
      iter_num: 2000,
      best_val_loss: tensor({ values: [1.5] }),
      model_args: { n_layer: 2 },
      config: { lr: 1 },
    }
    expect(await metricsOf(gpt)).toEqual({ best_val_loss: 1.5 })
    expect(await configOf(gpt)).toEqual({ lr: 1, 'model_args.n_layer': 2 })
    expect(await facts({ meta: { epoch: 3, torch_version: '2.1.0+cu121' }, state_dict: weights() })).toMatchObject({
      epoch: 3,
      torch: '2.1.0+cu121',
    })
    expect(await facts({ start_epoch: 7, model: weights() })).toMatchObject({ resumeEpoch: 7 })
  })

  it('count as metrics what says so, and not where and how it was measured', async () => {
    const given = {
      model: weights(),
      metrics: { acc: 0.9, anything: 3, nested: { f1: 0.5 } },
      val_metrics: { loss: 0.2 },
      train: { loss: 0.1, time: 33 },
      logs: { test_psnr: 30 },
      top1: 77,
      best_acc: Number.NaN,
      best_acc_epoch: 12,
      test_batch_size: 64,
      loss_scale: 65536,
      history: { val_acc: [0.1, 0.2] },
      lr: 0.1,
      is_best: true,
      scheduler: { best: 0.3 },
      scaler: { scale: 2 },
    }
    expect(await metricsOf(given)).toEqual({
      acc: 0.9,
      anything: 3,
      nested_f1: 0.5,
      val_loss: 0.2,
      train_loss: 0.1,
      test_psnr: 30,
      top1: 77,
      best_acc: Number.NaN,
    })
    const configured = await metricsOf(given, ['lr', 'train.time', '!top*', '!metrics.*', 'metrics.acc'])
    expect(Object.keys(configured).sort()).toEqual([
      'acc',
      'best_acc',
      'lr',
      'test_psnr',
      'train_loss',
      'train_time',
      'val_loss',
    ])
  })

  it('leave out secrets and what is long, and name them', async () => {
    const config = {
      api_key: 'x',
      hf: 'hf_abcdefghijklmnopqrstuvwx',
      wandb: { token: 'y' },
      data: 's3://AKIAX:secret@bucket/train',
      url: 'https://example.com/d?X-Amz-Signature=abc',
      keypoints: 17,
      monkey: 'banana',
      num_key_value_heads: 8,
      pad_token_id: 0,
      home: 'https://example.com/a@b',
      long: 'x'.repeat(201),
      list: Array.from({ length: 17 }, (_, i) => i),
    }
    const found = await facts({ model: weights(), config })
    expect([...found.config.keys()]).toEqual(['keypoints', 'monkey', 'num_key_value_heads', 'pad_token_id', 'home'])
    expect(found.leftOut.filter(({ why }) => why === 'secret').map(({ name }) => name)).toEqual([
      'config.api_key',
      'config.hf',
      'config.data',
      'config.url',
      'config.wandb.token',
    ])
    expect(found.leftOut.filter(({ why }) => why === 'long')).toEqual([{ name: 'config.long', why: 'long' }])
  })

  it('tell secrets by the words of a key and the look of a text', () => {
    const secret: [string, Fact][] = [
      ['password', 1234],
      ['DB_PASSWORD', 'x'],
      ['awsSecretAccessKey', 'x'],
      ['key', 'x'],
      ['token', 12345],
      ['tokens', ['a', 'b']],
      ['auth', 'basic'],
      ['x', 'see https://me:pw@host/'],
      ['x', 'ghp_0123456789abcdefghij0'],
      ['x', ['ok', 'AKIAABCDEFGHIJKLMNOP']],
      ['x', '-----BEGIN RSA PRIVATE KEY-----'],
      ['x', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
      ['x', 'Server=db;Password=hunter2;'],
    ]
    const open: [string, Fact][] = [
      ['monkey', 'x'],
      ['keypoints', [1, 2]],
      ['keyboard_layout', 'de'],
      ['max_tokens', 512],
      ['tokenizer', 'bpe'],
      ['author', 'me'],
      ['weight', 0.1],
      ['email', 'me@example.com'],
      ['url', 'https://example.com/path?x=1'],
      ['sk', 'sk-short'],
    ]
    for (const [key, fact] of secret) expect(isSecret(key, fact), key).toBe(true)
    for (const [key, fact] of open) expect(isSecret(key, fact), key).toBe(false)
  })

  it('of safetensors come from its metadata, as texts that are numbers or JSON', async () => {
    const file = safetensorsOf(
      { w: tensor({ shape: [4] }) },
      {
        format: 'pt',
        epoch: '41',
        val_acc: '0.915',
        config: '{"lr": 0.1, "clip": Infinity}',
        constructor: 'constructor',
        hf_token: 'x',
      },
    )
    const found = await read(file)
    expect(found).toMatchObject({ format: 'safetensors', epoch: 41, parameters: 4 })
    expect([...found.metrics]).toEqual([['val_acc', 0.915]])
    expect(found.leftOut).toEqual([{ name: 'metadata.hf_token', why: 'secret' }])
    expect([...found.config]).toEqual([
      ['lr', 0.1],
      ['clip', Number.POSITIVE_INFINITY],
    ])
    const gguf = {
      ...file,
      format: 'gguf' as const,
      metadata: new Map<string, string>([
        ['general.name', 'tiny'],
        ['tokenizer.ggml.model', 'x'],
      ]),
    }
    expect([...(await read(gguf)).config]).toEqual([['general.name', 'tiny']])
  })

  it('of a model of Hugging Face come from its trainer_state.json', async () => {
    const trainerState = parseTrainerState(
      '{"best_metric": 0.91, "epoch": 2.0, "global_step": 500, "log_history": [{"loss": NaN, "step": 100}, {"eval_loss": 0.4, "eval_accuracy": 0.9, "eval_runtime": 2.1, "epoch": 1.0}, {"eval_loss": 0.3, "epoch": 2.0}, {"train_loss": 0.2, "train_runtime": 9}]}',
    )
    const found = await read(safetensorsOf({ w: tensor() }, { format: 'pt' }), { trainerState })
    expect(found).toMatchObject({ epoch: 2, step: 500 })
    expect(Object.fromEntries(found.metrics)).toEqual({
      best_metric: 0.91,
      loss: Number.NaN,
      eval_loss: 0.3,
      eval_accuracy: 0.9,
      train_loss: 0.2,
    })
    for (const text of ['', '{', '[]', '{"log_history": 3}', '['.repeat(100_000)])
      expect(parseTrainerState(text)).toBeUndefined()
  })

  it('are told of optimizers by what they keep', async () => {
    const kinds: [string, Plain, Plain][] = [
      ['SGD', { momentum_buffer: tensor() }, { momentum: 0.9, dampening: 0 }],
      ['SGD', {}, { momentum: 0, dampening: 0 }],
      ['Adam or AdamW', { exp_avg: tensor(), exp_avg_sq: tensor() }, { amsgrad: false }],
      ['Adam', { exp_avg: tensor(), exp_avg_sq: tensor() }, { amsgrad: false, decoupled_weight_decay: false }],
      ['SparseAdam', { exp_avg: tensor(), exp_avg_sq: tensor() }, { maximize: false }],
      ['RAdam', { exp_avg: tensor(), exp_avg_sq: tensor() }, { decoupled_weight_decay: false }],
      ['NAdam', { exp_avg: tensor(), exp_avg_sq: tensor(), mu_product: tensor() }, { decoupled_weight_decay: false }],
      ['RMSprop', { square_avg: tensor() }, { alpha: 0.99 }],
      ['Adadelta', { square_avg: tensor(), acc_delta: tensor() }, { rho: 0.9 }],
      ['Adagrad', { sum: tensor() }, { lr_decay: 0 }],
      ['Lion', { exp_avg: tensor() }, {}],
    ]
    for (const [kind, state, group] of kinds) {
      const { optimizers } = await facts({ model: weights(), o: { state: { 0: state }, param_groups: [group] } })
      expect(optimizers[0]!.kind).toBe(kind)
    }
    const { optimizers } = await facts({
      o: { state: { 0: { mine: tensor() } }, param_groups: [{ lr: tensor({ values: [0.5] }) }] },
    })
    expect(optimizers).toMatchObject([{ lr: [0.5], tensors: 1 }])
    expect('kind' in optimizers[0]!).toBe(false)
  })
})
