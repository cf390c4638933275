import type { FactValue, ShownOptimizer, ShownPort, ShowResult } from '@art/repo/view-api.ts'
import { escapeText, quoteForShell } from './escape.ts'
import { formatFact, formatShape } from './figure.ts'
import { renderLayers, renderTensors } from './show-tensors.ts'
import { countOf, formatCount, formatSize } from './size.ts'
import type { View } from './view.ts'
import { JOIN, wrap } from './wrap.ts'

/** Lines of a list that are shown without `-v`. */
const LISTED = 8
const LABEL = 13
/** What their containers keep about themselves is of no interest to most. */
const OF_TORCH = /^(?:pytorch|torch)/

/** The figures first, then the layers, then tensors: a screen, and everything with `-v`. */
export function renderShow(model: ShowResult, view: View): string {
  const { paint } = view
  const size = model.size === undefined ? '' : `, ${formatSize(model.size)}`
  const head = `${paint('bold', escapeText(model.name))}  ${escapeText(model.format ?? 'unknown format')}${size}`
  const facts = [
    ...releaseLines(model),
    ...whereLines(model),
    ...figureLines(model, view),
    ...graphLines(model, view),
    ...warningLines(model),
  ]
  const blocks = [
    [head, ...facts.flatMap((fact) => line(fact, view))],
    renderLayers(model, view),
    renderTensors(model, view),
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

interface Fact {
  label: string
  text: string
  ink?: 'red' | 'yellow' | 'dim'
}

/** Long ones go on below themselves, so that labels stay a column. */
function line({ label, text, ink }: Fact, { paint, columns }: View): string[] {
  const width = columns === undefined ? undefined : Math.max(20, columns - LABEL - 2)
  return wrap(text, width).map((part, i) => {
    const name = paint('dim', (i === 0 ? label : '').padEnd(LABEL))
    return `  ${name}${ink === undefined ? part : paint(ink, part)}`
  })
}

function releaseLines({ release, path = '' }: ShowResult): Fact[] {
  if (release === undefined) return []
  const { model, version, tag, commit } = release
  const what = version === undefined ? tag : `${model} ${version}`
  return [{ label: 'release', text: `${escapeText(what)}: ${escapeText(path)} of ${commit.slice(0, 12)}` }]
}

function whereLines({ here, from, bring, differs, name }: ShowResult): Fact[] {
  if (differs) {
    const pointer = quoteForShell(`${name.replace(/\/+$/, '')}.art`)
    const text = `not what its pointer says: this is of what lies here; \`art show ${pointer}\` tells of the pointer`
    return [{ label: 'content', text, ink: 'yellow' }]
  }
  if (here && from === 'pointer')
    return [{ label: 'content', text: 'no one model at the top of this folder: this is from its pointer', ink: 'dim' }]
  if (here) return []
  const source = {
    file: 'this is from the file',
    table: 'this is from its tensor table',
    'remote-table': "this is as the remote's table says",
    remote: 'this is from the remote',
    pointer: 'this is from its pointer',
  }[from]
  const hint = bring === undefined ? '' : `; \`${escapeText(bring)}\` brings it`
  return [{ label: 'content', text: `not on this machine: ${source}${hint}`, ink: 'yellow' }]
}

function figureLines(model: ShowResult, { verbose }: View): Fact[] {
  const { producer, parameters, epoch, step, resumeEpoch, torch, torchInstalled } = model
  const facts: (Fact | undefined)[] = [
    producer && { label: 'written by', text: escapeText([producer.name, producer.version].filter(Boolean).join(' ')) },
    parameters === null ? undefined : { label: 'parameters', text: parametersOf(model, parameters) },
    weightsLine(model, verbose),
    progressOf(epoch, step, resumeEpoch),
    listed('metrics', model.metrics, verbose, new Set(Object.keys(model.given?.metrics ?? {}))),
    ...givenLines(model, verbose),
    listed('config', model.config, verbose),
    ...model.optimizers.map((one) => ({ label: 'optimizer', text: optimizerOf(one, model.optimizers.length > 1) })),
    model.devices.length === 0 ? undefined : { label: 'saved from', text: sharesOf(model.devices) },
    torch === undefined
      ? torchInstalled === undefined
        ? undefined
        : { label: 'torch', text: `${escapeText(torchInstalled)}, installed where it was added` }
      : { label: 'torch', text: escapeText(torch) },
    verbose || !OF_TORCH.test(model.format ?? '') ? listed('metadata', model.metadata, verbose) : undefined,
    ...sharedLines(model, verbose),
  ]
  return facts.filter((fact) => fact !== undefined)
}

/** Hashing a large file takes seconds, so that is only done when it is asked for. */
function weightsLine({ weights, from, tensors }: ShowResult, verbose: boolean): Fact | undefined {
  if (weights !== null) return { label: 'weights', text: verbose ? weights : `${weights.slice(0, 23)}…` }
  if (from !== 'file' || !tensors.some(({ weight }) => weight !== undefined)) return undefined
  return { label: 'weights', text: 'the digest was not computed: --stats does', ink: 'dim' }
}

function parametersOf({ tensors, dtypes, weightBytes }: ShowResult, parameters: number): string {
  const weights = tensors.filter(({ weight }) => weight !== undefined).length
  if (weightBytes === null) return formatCount(parameters)
  const [only] = dtypes
  const what = dtypes.length === 1 ? ` of ${only!.name}` : dtypes.length > 1 ? `: ${sharesOf(dtypes)}` : ''
  return `${formatCount(parameters)} in ${countOf(weights, 'tensor')}, ${formatSize(weightBytes)}${what}`
}

function sharesOf(shares: ShowResult['dtypes']): string {
  if (shares.length === 1) return escapeText(shares[0]!.name)
  return shares.map(({ name, tensors }) => `${escapeText(name)} (${countOf(tensors, 'tensor')})`).join(', ')
}

function progressOf(epoch: number | undefined, step: number | undefined, resume: number | undefined): Fact | undefined {
  const parts = [
    epoch === undefined ? [] : [formatFact(epoch)],
    step === undefined ? [] : [`step ${formatCount(step)}`],
    resume === undefined ? [] : [`go on with epoch ${resume}`],
  ].flat()
  if (parts.length === 0) return undefined
  return { label: epoch === undefined && resume === undefined ? 'progress' : 'epoch', text: parts.join(', ') }
}

function optimizerOf(one: ShownOptimizer, named: boolean): string {
  const { kind, lr, settings, steps, groups, tensors, bytes, path } = one
  const parts = [
    escapeText(kind ?? 'of an unknown kind'),
    `lr${JOIN}${lr.length === 1 ? formatFact(lr[0]!) : formatFact(lr)}`,
    ...pairs(settings),
    ...(steps === undefined ? [] : [countOf(steps, 'step')]),
    ...(groups > 1 ? [`${groups} groups`] : []),
    tensors === 0 ? 'no state' : `${countOf(tensors, 'tensor')} of state, ${formatSize(bytes)}`,
  ]
  return `${named ? `${escapeText(path)}: ` : ''}${parts.join(', ')}`
}

function pairs(record: Record<string, FactValue>): string[] {
  return Object.entries(record).map(([key, value]) => `${escapeText(key)}${JOIN}${formatFact(value)}`)
}

/** What people say of it, beside metrics. */
function givenLines({ given }: ShowResult, verbose: boolean): (Fact | undefined)[] {
  if (given === undefined) return []
  const { desc, labels, meta } = given
  return [
    desc === undefined ? undefined : { label: 'description', text: escapeText(desc) },
    labels.length === 0 ? undefined : { label: 'labels', text: labels.map(escapeText).join(', ') },
    listed('meta', meta, verbose),
  ]
}

function listed(
  label: string,
  record: Record<string, FactValue>,
  verbose: boolean,
  given: ReadonlySet<string> = new Set(),
): Fact | undefined {
  const names = Object.keys(record)
  const all = pairs(record).map((text, i) => (given.has(names[i]!) ? `${text}${JOIN}(given)` : text))
  if (all.length === 0) return undefined
  const shown = verbose || all.length <= LISTED + 1 ? all : [...all.slice(0, LISTED), `${all.length - LISTED} more`]
  return { label, text: shown.join(', ') }
}

function sharedLines({ shared }: ShowResult, verbose: boolean): Fact[] {
  const shown = verbose ? shared : shared.slice(0, LISTED)
  const lines = shown.map((names) => ({ label: 'shared', text: names.map(escapeText).join(' = ') }))
  const more = shared.length - shown.length
  return more === 0 ? lines : [...lines, { label: '', text: `${more} more tensors under several names` }]
}

function graphLines({ graph }: ShowResult, { verbose }: View): Fact[] {
  if (graph === undefined) return []
  const ports = (label: string, all: readonly ShownPort[]): Fact[] => {
    const shown = verbose ? all : all.slice(0, LISTED)
    const texts = shown.map(
      ({ name, dtype, shape }) =>
        `${escapeText(name)} ${escapeText(dtype ?? '')}${shape === undefined ? '' : ` ${formatShape(shape)}`}`,
    )
    const more = all.length - shown.length
    return [...texts, ...(more > 0 ? [`${more} more`] : [])].map((text) => ({ label, text }))
  }
  const operators = listed('operators', graph.operators, verbose)
  return [
    ...ports('input', graph.inputs),
    ...ports('output', graph.outputs),
    ...(operators === undefined ? [] : [{ ...operators, text: `${countOf(graph.nodes, 'node')}: ${operators.text}` }]),
  ]
}

function warningLines({ unsafe, scan, leftOut, notes, name }: ShowResult): Fact[] {
  const facts: Fact[] = []
  if (scan === 'unsafe') {
    const names = unsafe.length === 0 ? 'anything' : unsafe.map(escapeText).join(', ')
    facts.push({ label: 'unsafe', text: `loading it can run ${names}`, ink: 'red' })
  } else if (scan === 'unknown') {
    const hint = `imports names that art does not know: \`art scan ${quoteForShell(name)}\` lists them`
    facts.push({ label: 'scan', text: hint, ink: 'yellow' })
  }
  if (leftOut.length > 0) facts.push({ label: 'left out', text: leftOut.map(escapeText).join(', '), ink: 'dim' })
  for (const note of notes) facts.push({ label: 'note', text: escapeText(note), ink: 'yellow' })
  return facts
}
