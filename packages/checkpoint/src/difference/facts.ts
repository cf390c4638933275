import type { Fact } from '../facts/fact.ts'
import type { TensorTable } from '../table/table.ts'

/** A figure that is not the same in both. `before` is absent where it is new, `after` where it is gone. */
export interface FactChange {
  /** `val_acc`, `config.lr`, `optimizer.lr`. */
  readonly name: string
  readonly before?: Fact
  readonly after?: Fact
}

/** Figures, metrics and configuration, in that order. Numbers that are equal but for their spelling are equal; so are two NaN. */
export function factChanges(before: TensorTable, after: TensorTable): FactChange[] {
  const [old, now] = [flatten(before), flatten(after)]
  const changes: FactChange[] = []
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(name), now.get(name)]
    if (isSame(was, is)) continue
    changes.push({ name, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) })
  }
  return changes
}

function flatten({ format, producer, facts, scan }: TensorTable): Map<string, Fact> {
  const flat = new Map<string, Fact | undefined>([
    ['format', format],
    ['producer', producer && [producer.name, ...(producer.version === undefined ? [] : [producer.version])]],
    ['parameters', facts.parameters],
    ['epoch', facts.epoch],
    ['step', facts.step],
    ['torch', facts.torch],
    ['scan', scan?.verdict],
    ...facts.metrics,
    ...[...facts.config].map(([key, fact]) => [`config.${key}`, fact] as const),
  ])
  const isOne = facts.optimizers.length < 2
  for (const { path, kind, lr, steps, settings } of facts.optimizers) {
    const prefix = isOne ? 'optimizer' : path
    flat.set(`${prefix}.kind`, kind)
    flat.set(`${prefix}.lr`, lr.length === 1 ? lr[0] : lr)
    flat.set(`${prefix}.steps`, steps)
    for (const [key, fact] of settings) flat.set(`${prefix}.${key}`, fact)
  }
  return new Map([...flat].filter((entry): entry is [string, Fact] => entry[1] !== undefined))
}

function isSame(one: Fact | undefined, other: Fact | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, i) => Object.is(item, other[i]))
  }
  return Object.is(one, other)
}
