import type { CheckpointFacts, GivenFacts } from '../api.ts'
import { withGiven } from './given-facts.ts'
import type { FactChange, FactValue } from '../view-api.ts'

/** Figures as pointers have them; whatever knows them can be compared. */
export type Figures = Pick<
  Partial<CheckpointFacts>,
  'format' | 'parameters' | 'epoch' | 'step' | 'torch' | 'metrics' | 'config' | 'scan'
> & { given?: GivenFacts | undefined }

/** Figures that are not the same on both sides: metrics and progress, then configuration. */
export function figureChanges(before: Figures, after: Figures): FactChange[] {
  const [old, now] = [flatten(before), flatten(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name): FactChange[] => {
    const [was, is] = [old.get(name), now.get(name)]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    return [{ name, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }]
  })
}

function flatten({
  format,
  parameters,
  epoch,
  step,
  torch,
  scan,
  metrics = {},
  config = {},
  given,
}: Figures): Map<string, FactValue> {
  const all: [string, FactValue | undefined][] = [
    ...Object.entries(withGiven(metrics, given)),
    ['epoch', epoch],
    ['step', step],
    ['format', format],
    ['parameters', parameters],
    ['torch', torch],
    ['scan', scan],
    ...Object.entries(config).map(([key, value]): [string, FactValue] => [`config.${key}`, value]),
    ['desc', given?.desc],
    ['labels', given === undefined || given.labels.length === 0 ? undefined : given.labels],
    ...Object.entries(given?.meta ?? {}).map(([key, value]): [string, FactValue] => [`meta.${key}`, value]),
  ]
  return new Map(all.filter((entry): entry is [string, FactValue] => entry[1] !== undefined))
}
