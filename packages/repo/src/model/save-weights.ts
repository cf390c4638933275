import { closeSync, lstatSync, openSync, type Stats, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describeModel } from '@art/checkpoint/table/describe.ts'
import { readModel } from '@art/checkpoint/format/read.ts'
import { ArtError, type CallOptions, isArtError } from '@art/core'
import type { Phase } from '@art/core/event.ts'
import { stageFile } from '@art/core/fs/staged-file.ts'
import { readWholeSync } from '@art/core/fs/whole.ts'
import { Progress } from '@art/core/progress.ts'
import { localContent } from './content.ts'
import type { OpenWeights } from './open-weights.ts'

export interface SaveOptions extends CallOptions {
  /** Replace a file that is something else. */
  force?: boolean | undefined
  /** The weights digest that the file must have, 64 hex digits. */
  expected?: string | undefined
  /** What errors call the file that is written. */
  name: string
  /** Folder for a file that is not complete yet. */
  staging?: string | undefined
  phase: Phase
}

export interface SavedWeights {
  state: 'written' | 'unchanged'
  /** 64 hex digits. */
  weights: string
}

/**
 * Writes weights as a safetensors file: whole under its name, or not at all. A file that is there and holds the same stays as it is. Fails with
 * `WOULD_OVERWRITE` where it holds anything else, as soon as that shows; with `CORRUPT` where the weights are not those that are expected.
 */
export async function saveWeights(path: string, weights: OpenWeights, options: SaveOptions): Promise<SavedWeights> {
  const { name, expected, force = false, onEvent, phase, signal, staging } = options
  const existing = existingFile(path, name)
  if (existing?.size === weights.size && expected !== undefined && (await digestOfFile(path, options)) === expected)
    return { state: 'unchanged', weights: expected }
  if (existing !== undefined && !force && existing.size !== weights.size) throw wouldOverwrite(name)
  const progress = new Progress(phase, { onEvent })
  progress.expect(1, weights.size)
  progress.tell()
  const onBytes = (bytes: number): void => progress.done(0, bytes)
  if (existing !== undefined && !force) {
    if (!(await holds(path, weights.write(), onBytes))) throw wouldOverwrite(name)
    progress.done(1, 0)
    return { state: 'unchanged', weights: confirmed(weights, options) }
  }
  const staged = await stageFile(path, weights.write(), { signal, staging, onBytes })
  try {
    const digest = confirmed(weights, options)
    // Somebody may have made one meanwhile.
    if (!force && existingFile(path, name) !== undefined) throw wouldOverwrite(name)
    staged.publish()
    progress.done(1, 0)
    return { state: 'written', weights: digest }
  } catch (error) {
    staged.discard()
    throw error
  }
}

function confirmed(weights: OpenWeights, { expected, name }: SaveOptions): string {
  const digest = weights.digest()
  if (expected === undefined || digest === expected) return digest
  throw new ArtError('CORRUPT', 'the weights that came are not those that the pointer names; nothing was written', {
    path: name,
    hint: 'Run `art pull` without --only, or `art add --refresh` if models.state_dict was changed.',
  })
}

/** Does a file of their size consist of the pieces? Ends with the first that differs. */
async function holds(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<boolean> {
  const fd = openSync(path, 'r')
  let at = 0
  try {
    for await (const piece of pieces) {
      const there = Buffer.allocUnsafe(piece.length)
      if (readWholeSync(fd, there, at) < piece.length || !there.equals(piece)) return false
      at += piece.length
      onBytes(piece.length)
    }
    return true
  } finally {
    closeSync(fd)
  }
}

/** Fails with `UNSUPPORTED` for what is no file, and with `NOT_FOUND` where there is no folder for it. */
function existingFile(path: string, name: string): Stats | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) return undefined
    throw new ArtError('NOT_FOUND', `there is no folder for ${name}`, { path: name, hint: 'Make the folder first.' })
  }
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile()) return stat
  throw new ArtError('UNSUPPORTED', `${name} is no file, so none is written there`, { path: name, hint: 'Use -o.' })
}

/** The weights digest of a model on this machine; undefined for what is none, or cannot be read. */
async function digestOfFile(path: string, { signal }: CallOptions): Promise<string | undefined> {
  const content = await localContent(path)
  try {
    const model = await readModel(content.source, { signal })
    if (model === undefined) return undefined
    const { facts } = await describeModel(model, { signal, measure: 'weights', pathOf: content.pathOf })
    await model.close?.()
    return facts.weights
  } catch (error) {
    if (isArtError(error, 'CORRUPT') || isArtError(error, 'UNSUPPORTED') || isArtError(error, 'NOT_FOUND'))
      return undefined
    throw error
  } finally {
    await content.close()
  }
}

function wouldOverwrite(name: string): ArtError {
  return new ArtError('WOULD_OVERWRITE', `${name} is there already, and is something else`, {
    path: name,
    hint: 'Name another with -o, or overwrite it with --force.',
  })
}

/** What model files are called after. */
const ENDINGS =
  /(?:\.(?:safetensors|bin)\.index\.json|\.tar\.pth|\.(?:pth|pt|pt2|ptl|ckpt|bin|pkl|pickle|safetensors|onnx|gguf|npz|npy))$/i

/** `models/resnet.pth` → `models/resnet.safetensors`: beside the file, whatever it is called. */
export function safetensorsName(path: string): string {
  return renamedModel(path, '.safetensors')
}

/** As `safetensorsName`, with another ending. */
export function renamedModel(path: string, ending: string): string {
  const name = basename(path)
  return `${path.slice(0, path.length - name.length)}${name.replace(ENDINGS, '') || name}${ending}`
}

/** Is a file called as models are? */
export function isModelName(path: string): boolean {
  return ENDINGS.test(path)
}
