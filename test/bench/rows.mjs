// What is measured, with the bar that must hold and the aim. Times: DVC's time / art's. `limit` rows: a figure that must not be exceeded.

/** @typedef {{ id: string, title: string, bar: number, aim?: number }} TimeRow */

/** @type {TimeRow[]} */
export const TIME_ROWS = [
  { id: 'large-add', title: 'add 1 GB of fp32 weights', bar: 4, aim: 6 },
  { id: 'models-add', title: 'add a 1 GB checkpoint, with its facts and weights digest', bar: 4, aim: 6 },
  { id: 'small20k-add', title: 'add 20,000 × 10 KB', bar: 10, aim: 25 },
  { id: 'small100k-add', title: 'add 100,000 × 10 KB', bar: 10, aim: 25 },
  { id: 'small100k-status', title: 'status, nothing changed, 100,000 files', bar: 4, aim: 8 },
  { id: 'small100k-readd', title: 'add again, one of 100,000 changed', bar: 6, aim: 10 },
  { id: 'small100k-push', title: 'push 100,000 small to a directory', bar: 8, aim: 20 },
  { id: 'small100k-pull', title: 'pull 100,000 small from a directory', bar: 15, aim: 30 },
  { id: 'small100k-checkout', title: 'checkout 100,000 small in a fresh clone', bar: 5, aim: 9 },
  { id: 's3small-push', title: 'push 5,000 × 10 KB to S3', bar: 15, aim: 50 },
  { id: 's3small-pull', title: 'pull 5,000 × 10 KB from S3', bar: 20, aim: 80 },
  { id: 's3large-push', title: 'push 512 MB of fp32 weights to S3', bar: 2, aim: 4 },
  { id: 's3large-pull', title: 'pull 512 MB of fp32 weights from S3', bar: 1.5, aim: 3 },
  { id: 'large-push', title: 'push 1 GB to a directory', bar: 1.3, aim: 3 },
  { id: 'large-pull', title: 'pull 1 GB from a directory', bar: 1, aim: 2 },
]

/** @typedef {{ id: string, title: string, bar: number, aim?: number, unit: '×' | '%' | '' | 'MB' | 'µs' | 's/GB' | 's' }} LimitRow */

/** @type {LimitRow[]} A bar of Infinity: shown, not judged. */
export const LIMIT_ROWS = [
  { id: 'startup-version', title: '`art --version` / start of bare Node', bar: 1.3, aim: 1.1, unit: '×' },
  {
    id: 'startup-status',
    title: '`art status` in a small repository / start of bare Node',
    bar: 1.3,
    aim: 1.1,
    unit: '×',
  },
  {
    id: 'startup-status-directory',
    title: 'the same with a tracked directory / start of bare Node',
    bar: 1.3,
    aim: 1.1,
    unit: '×',
  },
  { id: 'startup-node', title: 'start of bare Node', bar: Infinity, unit: 'ms' },
  { id: 'startup-dvc', title: '`dvc --version` / start of bare Node', bar: Infinity, unit: '×' },
  { id: 's3large-s5cmd-push', title: 'push 512 MB to S3, art time / s5cmd time', bar: Infinity, aim: 1.11, unit: '×' },
  {
    id: 's3large-s5cmd-pull',
    title: 'pull 512 MB from S3, art time / s5cmd time',
    bar: Infinity,
    aim: 1.11,
    unit: '×',
  },
  {
    id: 'bytes-finetune',
    title: 'push of a fine-tuned version: bytes sent / bytes of changed chunks',
    bar: 1.05,
    unit: '×',
  },
  { id: 'bytes-fp32', title: 'stored size of fp32 weights, compression on', bar: 85, unit: '%' },
  { id: 'bytes-bf16', title: 'stored size of bf16 weights, compression on', bar: 68, unit: '%' },
  { id: 'small100k-objects', title: 'objects on the remote for 100,000 small files', bar: 99, unit: '' },
  { id: 'small100k-cached', title: 'cache growth for one changed file of 100,000', bar: 1, unit: 'MB' },
  { id: 'small100k-sent', title: 'remote growth for one changed file of 100,000', bar: 1, unit: 'MB' },
  { id: 'memory-add', title: 'peak memory: add of a 4 GB file', bar: 512, unit: 'MB' },
  { id: 'memory-push', title: 'peak memory: push of a 4 GB file', bar: 512, unit: 'MB' },
  { id: 'memory-pull', title: 'peak memory: pull of a 4 GB file', bar: 512, unit: 'MB' },
  { id: 'models-show', title: '`art show` of a 2 GB checkpoint / start of bare Node', bar: 3, unit: '×' },
  { id: 'models-scan', title: '`art scan` of a 2 GB checkpoint / start of bare Node', bar: 3, unit: '×' },
  { id: 'models-load', title: 'Python with `torch.load` of it / start of bare Node', bar: Infinity, unit: '×' },
  { id: 'models-mmap', title: 'the same with `mmap=True` / start of bare Node', bar: Infinity, unit: '×' },
  { id: 'models-import', title: 'Python with `import torch` alone / start of bare Node', bar: Infinity, unit: '×' },
  { id: 'models-show-read', title: 'bytes that `art show` reads of the 2 GB', bar: 1, unit: 'MB' },
  { id: 'models-scan-read', title: 'bytes that `art scan` reads of the 2 GB', bar: 1, unit: 'MB' },
  { id: 'models-digest', title: 'weights digest: `art add --refresh` of a 1 GB model', bar: 1.25, unit: 's/GB' },
  { id: 'models-statistics', title: 'statistics: `art show --stats` of a 1 GB model', bar: 2, unit: 's/GB' },
  { id: 'models-show-memory', title: 'peak memory: show of a 2 GB checkpoint', bar: 256, unit: 'MB' },
  { id: 'models-scan-memory', title: 'peak memory: scan of a 2 GB checkpoint', bar: 256, unit: 'MB' },
  { id: 'models-digest-memory', title: 'peak memory: weights digest of a 1 GB model', bar: 256, unit: 'MB' },
  { id: 'models-statistics-memory', title: 'peak memory: statistics of a 1 GB model', bar: 256, unit: 'MB' },
  { id: 's3-idle-push', title: '`art push` to S3 when all is there', bar: Infinity, unit: 's' },
  { id: 's3-idle-pull', title: '`art pull` when all is here', bar: Infinity, unit: 's' },
  { id: 'floor-hash', title: 'floor: sha256 of 1 GB by one thread of Node', bar: Infinity, unit: 's' },
  { id: 'floor-copy', title: 'floor: copy of 1 GB by the kernel', bar: Infinity, unit: 's' },
  { id: 'floor-sync', title: 'floor: fsync of that copy', bar: Infinity, unit: 's' },
  { id: 'floor-read', title: 'floor: reading and hashing 20,000 × 10 KB on two threads', bar: Infinity, unit: 's' },
  { id: 'floor-make', title: 'floor: making 5,000 × 10 KB on two threads', bar: Infinity, unit: 's' },
  ...['10k', '100k', '300k'].flatMap((count) =>
    ['add', 'status', 'push', 'pull'].flatMap((verb) => [
      { id: `linear-${count}-${verb}`, title: `${verb} of ${count} small files, per file`, bar: Infinity, unit: 'µs' },
      ...(count === '300k'
        ? [
            {
              id: `linear-${count}-${verb}-memory`,
              title: `peak memory: ${verb} of 300k small files`,
              bar: 512,
              unit: 'MB',
            },
          ]
        : []),
    ]),
  ),
]
