import type { ReleaseRecord } from './record.ts'

/** A release with everything that one can have, for tests. */
export function exampleRecord(more: Partial<ReleaseRecord> = {}): ReleaseRecord {
  const [model, version] = [more.model ?? 'simple_cnn', more.version ?? '1.0.0']
  return {
    model,
    version,
    tag: `${model}@v${version}`,
    created: '2026-11-26T10:20:30Z',
    author: 'Ada <ada@example.org>',
    commit: '89f880f3071bd841d2c5ef2da78d9702ed5f9bdd',
    path: `models/${model}_best.pth`,
    oid: 'a1'.repeat(32),
    kind: 'f',
    size: 252_661,
    weights: `sha256:${'b2'.repeat(32)}`,
    entry: {
      path: `models/${model}_best.pth`,
      title: 'SimpleCNN',
      dataset: 'CIFAR-10',
      task: 'image-classification',
      author: 'Ada',
      notes: 'yes',
      labels: ['vision', 'on'],
      architecture: new Map<string, number | number[]>([
        ['layers', 5],
        ['input', [3, 32, 32]],
      ]),
      training: new Map<string, number | string>([
        ['training_time_hours', 2.5],
        ['gpu', 'RTX 3090'],
      ]),
    },
    facts: {
      format: 'pytorch',
      parameters: 1_234_567,
      epoch: 41,
      metrics: { val_acc: 0.915, loss: 1e-7, 'test.f1': 'nan' },
      config: { lr: 0.001, epochs: 100, batch_size: 32, 'optim.name': 'Adam', optimizer: 'AdamW' },
    },
    deciding: { name: 'val_acc', value: 0.915, direction: 'highest' },
    status: 'production',
    stages: ['staging', 'production'],
    ...more,
  }
}

/** A release of which next to nothing is known. */
export function bareRecord(more: Partial<ReleaseRecord> = {}): ReleaseRecord {
  const { weights: _, deciding: __, ...rest } = exampleRecord(more)
  const path = 'resnet.pth'
  const bare = { path, entry: { path }, facts: { metrics: {}, config: {} }, status: 'released', stages: [] }
  return { ...rest, ...bare, ...more }
}
