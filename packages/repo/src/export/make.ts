import { lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError, toHex, type CallOptions } from '@art/core'
import { hashFile } from '@art/core/hash/hash-file.ts'
import type { Content } from '../model/content.ts'
import type { OpenWeights } from '../model/open-weights.ts'
import { saveWeights } from '../model/save-weights.ts'
import { type Made, readAnswer } from './answer.ts'
import { runToEnd } from './process.ts'
import type { ProgramRequest } from './request.ts'
import { writeScript } from './script.ts'

export interface MakeOptions extends CallOptions {
  /** Absolute path of the Python. */
  python: string
  /** Where Python runs, and where it looks for the user's modules first. */
  cwd: string
  importFrom: readonly string[]
  environment: NodeJS.ProcessEnv
  /** As the user named it. */
  source: string
}

export interface MadeProduct extends Made {
  /** In the work folder. */
  product: string
  /** 64 hex digits. */
  weights: string
}

/**
 * Lets the user's Python make a product in a folder: it gets the weights as a safetensors file that art has written, so that nothing is unpickled,
 * makes the model by the user's code, exports it and compares. Fails as `runToEnd` and `readAnswer`.
 */
export async function makeProduct(
  folder: string,
  weights: OpenWeights,
  content: Content,
  request: ProgramRequest,
  options: MakeOptions,
): Promise<MadeProduct> {
  const { python, cwd, importFrom, environment, source, signal, onEvent } = options
  const weightsPath = join(folder, 'weights.safetensors')
  const phase = content.remote === undefined ? 'export' : 'download'
  const saved = await saveWeights(weightsPath, weights, { signal, onEvent, name: weightsPath, phase })
  mkdirSync(join(folder, 'product'))
  mkdirSync(join(folder, 'tmp'))
  const product = join(folder, 'product', `model.${request.format === 'onnx' ? 'onnx' : 'pt'}`)
  const answer = join(folder, 'answer.json')
  const requestPath = join(folder, 'request.json')
  writeFileSync(requestPath, requestText(request, { weights: weightsPath, product, answer, importFrom }))
  onEvent?.({ type: 'phase', phase: 'python' })
  const ended = await runToEnd(python, [writeScript(folder), requestPath], {
    cwd,
    environment: pythonEnvironment(environment, folder),
    timeout: request.timeout,
    signal,
  })
  const made = readAnswer(answer, ended, { python, request, source, importFrom, config: weights.told.config })
  if (lstatSync(product, { throwIfNoEntry: false })?.isFile() !== true)
    throw new ArtError('IO', 'Python says that the export is done, and it is not there', {
      path: python,
      hint: 'Look whether this Python works, or name another with --python.',
    })
  return { ...made, product, weights: saved.weights }
}

/** `kwargs` goes as it was typed: JavaScript would round long numbers. */
function requestText(
  request: ProgramRequest,
  { importFrom, ...paths }: { importFrom: readonly string[]; weights: string; product: string; answer: string },
): string {
  const { format, model, inputs, opset, tolerance } = request
  const rest = JSON.stringify({
    ...paths,
    format,
    model,
    inputs,
    opset,
    tolerance,
    import_from: importFrom,
    input_names: request.inputNames,
    output_names: request.outputNames,
    dynamic_batch: request.dynamicBatch,
  })
  return `{"kwargs":${request.kwargs},${rest.slice(1)}`
}

/** Nothing is left of it: no bytecode beside the user's modules, no temporary files. */
function pythonEnvironment(environment: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const tmp = join(folder, 'tmp')
  return {
    ...environment,
    PYTHONUTF8: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    TMPDIR: tmp,
    TEMP: tmp,
    TMP: tmp,
  }
}

/** `sha256:` of a file that lies on this machine, if it is still what was opened. */
export function oidOf(content: Content): string | undefined {
  const path = content.isFolder ? undefined : content.pathOf(undefined)
  if (path === undefined) return undefined
  const oid = toHex(hashFile(path))
  return content.isUntouched() ? `sha256:${oid}` : undefined
}
