import {
  compareModels,
  compareTables,
  type Difference,
  type Side,
  type TensorChange,
} from '@art/checkpoint/difference/difference.ts'
import { readModel } from '@art/checkpoint/format/read.ts'
import type { ModelFile } from '@art/checkpoint'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import type { ChangedTensor, FactChange, ModelDifference, TensorSide } from '../view-api.ts'
import type { Content } from './content.ts'
import { type Figures, figureChanges } from './fact-changes.ts'
import type { Model } from './find.ts'
import { type Look, lookAt } from './look.ts'
import type { LookPlace } from './place.ts'
import { factValue, figure } from './plain.ts'
import { shownOf, shownStatistics } from './shown.ts'

/**
 * What changed between two models: number by number where both files are here, else as far as their tensor tables tell, else by the figures of
 * their pointers. Fails as `lookAt` does.
 */
export async function differenceBetween(before: Model, after: Model, place: LookPlace): Promise<ModelDifference> {
  const [one, other] = [await lookAt(before, { ...place, hash: true }), await lookAt(after, { ...place, hash: true })]
  const from = { before: one.from, after: other.from }
  if (one.table === undefined || other.table === undefined)
    return { ...byFigures(one, other), from, ...lacking([before, one], [after, other]) }
  const difference =
    one.here && other.here
      ? await byNumbers([before, one.table], [after, other.table], place)
      : compareTables(one.table, other.table)
  const plain = withGivenChanges(plainDifference(difference), one, other)
  const word = wordOf(one, other)
  const bring = plain.same === true && word === '' ? {} : lacking([before, one], [after, other])
  return { ...plain, judgement: plain.judgement + word, from, ...bring }
}

/** Tables tell what the files say; what people say stands in the pointers, and goes before it. */
function withGivenChanges<T extends Pick<ModelDifference, 'facts'>>(plain: T, one: Look, other: Look): T {
  if (one.given === undefined && other.given === undefined) return plain
  const names = new Set([one, other].flatMap(({ given }) => Object.keys(given?.metrics ?? {})))
  const [before, after] = [one, other].map((look) => {
    const { metrics, given } = shownOf(look)
    return { given, metrics: Object.fromEntries(Object.entries(metrics).filter(([name]) => names.has(name))) }
  }) as [Figures, Figures]
  return { ...plain, facts: [...figureChanges(before, after), ...plain.facts.filter(({ name }) => !names.has(name))] }
}

/** Whose word a judgement is, where the bytes of a side were never on this machine: anybody may have written to a remote, or a pointer. */
function wordOf(...looks: readonly Look[]): string {
  const told = looks.flatMap(({ from }) =>
    from === 'remote-table' ? ["the remote's table"] : from === 'pointer' ? ['the pointer'] : [],
  )
  const names = [...new Set(told)]
  return names.length === 0 ? '' : `, as ${names.join(' and ')} ${names.length === 1 ? 'says' : 'say'}`
}

/** What brings the contents that distances would need. */
function lacking(...sides: (readonly [Model, Look])[]): Pick<ModelDifference, 'bring'> {
  const bring = sides.flatMap(([model, { here }]) => (here || model.bring === undefined ? [] : [model.bring]))
  return bring.length === 0 ? {} : { bring: [...new Set(bring)] }
}

async function byNumbers(
  before: readonly [Model, TensorTable],
  after: readonly [Model, TensorTable],
  { pool, signal, onEvent }: LookPlace,
): Promise<Difference> {
  if (before[1].facts.weights !== undefined && before[1].facts.weights === after[1].facts.weights)
    return compareTables(before[1], after[1])
  return await withFile(before, signal, (one) =>
    withFile(after, signal, async (other) => {
      const bytes = [one, other].reduce((sum, side) => sum + side.bytes, 0)
      return await compareModels(one, other, { signal, onEvent, pool: await pool(bytes) })
    }),
  )
}

async function withFile<T>(
  [model, table]: readonly [Model, TensorTable],
  signal: AbortSignal | undefined,
  work: (side: Side & { bytes: number }) => Promise<T>,
): Promise<T> {
  const content = await model.open()
  let file: ModelFile | undefined
  try {
    file = content && (await readAgain(content, signal))
    // A table that is not of this very file would pair other tensors.
    const fits = file !== undefined && isOf(table, file)
    return await work({
      table,
      file: fits ? file : undefined,
      pathOf: content?.pathOf,
      bytes: content?.source.size ?? 0,
    })
  } finally {
    await file?.close?.()
    await content?.close()
  }
}

async function readAgain(
  { source, openBeside }: Content,
  signal: AbortSignal | undefined,
): Promise<ModelFile | undefined> {
  return await readModel(source, { signal, ...(openBeside === undefined ? {} : { openBeside }) })
}

function isOf({ tensors }: TensorTable, file: ModelFile): boolean {
  return tensors.length === file.tensors.length && tensors.every(({ name }, i) => name === file.tensors[i]!.name)
}

/** Without a table of both sides only the weights digest tells of tensors. */
function byFigures(one: Look, other: Look): Omit<ModelDifference, 'from'> {
  const [before, after] = [shownOf(one), shownOf(other)]
  const same = before.weights === null || after.weights === null ? null : before.weights === after.weights
  const facts = figureChanges(figuresOf(before), figuresOf(after))
  return {
    judgement: wordsFor(same, facts, wordOf(one, other)),
    same,
    equal: 0,
    tensors: [],
    prefix: { before: '', after: '' },
    facts,
  }
}

function figuresOf({
  format,
  parameters,
  scan,
  ...rest
}: ReturnType<typeof shownOf>): Parameters<typeof figureChanges>[0] {
  return {
    ...rest,
    ...(format === null ? {} : { format }),
    ...(parameters === null ? {} : { parameters }),
    ...(scan === 'unsafe' ? { scan } : {}),
  }
}

function wordsFor(same: boolean | null, facts: readonly FactChange[], word: string): string {
  if (same === true) return `same weights${facts.length === 0 ? '' : ', other metadata'}${word}`
  const known = same === false ? `the weights differ${word}` : 'whether the weights differ is not known'
  return `${known}; which tensors, only their tables or files can tell`
}

function plainDifference({
  same,
  judgement,
  equal,
  tensors,
  prefix,
  facts,
}: Difference): Omit<ModelDifference, 'from'> {
  return {
    judgement,
    same: same ?? (tensors.length === 0 && equal > 0 ? true : null),
    equal,
    tensors: tensors.map(plainChange),
    prefix,
    facts: facts.map(({ name, before, after }) => ({
      name,
      ...(before === undefined ? {} : { before: factValue(before) }),
      ...(after === undefined ? {} : { after: factValue(after) }),
    })),
  }
}

function plainChange(change: TensorChange): ChangedTensor {
  const { kind, name } = change
  const distance = 'distance' in change ? change.distance : undefined
  return {
    kind,
    name,
    ...('from' in change ? { from: change.from } : {}),
    ...('sameAs' in change && change.sameAs !== undefined ? { sameAs: change.sameAs } : {}),
    ...('before' in change ? { before: plainSide(change.before) } : {}),
    ...('after' in change ? { after: plainSide(change.after) } : {}),
    ...(distance === undefined
      ? {}
      : {
          distance: {
            ...(distance.relativeL2 === undefined ? {} : { relativeL2: figure(distance.relativeL2) }),
            maxDelta: figure(distance.maxDelta),
            ...(distance.cosine === undefined ? {} : { cosine: figure(distance.cosine) }),
            skipped: distance.skipped,
          },
        }),
  }
}

function plainSide({ statistics, ...side }: Extract<TensorChange, { kind: 'added' }>['after']): TensorSide {
  return { ...side, ...(statistics === undefined ? {} : { statistics: shownStatistics(statistics) }) }
}
