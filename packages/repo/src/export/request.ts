import { ArtError } from '@art/core'

/** How a model is run on an input: a tensor's shape and dtype; whole numbers are drawn from 0 to `below - 1`. */
export interface InputSpec {
  shape: number[]
  dtype: string
  below: number
}

/** What a user asks for, as it was typed. */
export interface ProgramFlags {
  to: 'torchscript' | 'onnx'
  /** `package.module:attribute` */
  model?: string | undefined
  /** `num_classes=10,image_size=32`, or a JSON object. */
  kwargs?: string | undefined
  /** `1,3,32,32`, `1,16:int64<1000`: one for each input of the model. */
  input?: readonly string[] | undefined
  opset?: number | undefined
  inputNames?: string | undefined
  outputNames?: string | undefined
  dynamicBatch?: boolean | undefined
  tolerance?: string | undefined
  /** Seconds. */
  timeout?: number | undefined
}

export interface ProgramRequest {
  format: 'torchscript' | 'onnx'
  model: string
  /** A JSON object, as text: Python's numbers have more digits. */
  kwargs: string
  inputs: InputSpec[]
  opset: number
  inputNames: string[] | null
  outputNames: string[] | null
  dynamicBatch: boolean
  tolerance: number
  timeout: number
}

const OPSET = 18
const OPSET_MIN = 9
const OPSET_MAX = 30
const TOLERANCE = 1e-4
const TIMEOUT = 900

/** Values of an input in all: more than a machine should be asked for by a slip of the finger. */
const VALUES_MAX = 2 ** 28

const MODEL =
  /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*:[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u
const SPEC = /^\s*(\d+(?:\s*,\s*\d+)*)\s*(?::\s*([a-z0-9]+)\s*(?:<\s*(\d+))?)?\s*$/
const DTYPES = 'float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool'.split(' ')

/** Reads what was typed. Fails with `USAGE`, naming the flag. */
export function programRequest(flags: ProgramFlags): ProgramRequest {
  const { to, model, input, opset = OPSET, dynamicBatch = false, timeout = TIMEOUT } = flags
  const example = '--model src.models.model:get_model --input 1,3,32,32'
  if (model === undefined || input === undefined || input.length === 0) {
    const flag = model === undefined ? 'model' : 'input'
    throw wrong(flag, `--to ${to} needs --${flag}: weights alone say nothing of the computation`, `Say ${example}.`)
  }
  if (!MODEL.test(model)) throw wrong('model', `${model} names no function or class of a module`, `Say ${example}.`)
  if (!Number.isInteger(opset) || opset < OPSET_MIN || opset > OPSET_MAX)
    throw wrong('opset', `--opset is a whole number from ${OPSET_MIN} to ${OPSET_MAX}`, 'Leave it out, or say 18.')
  const onlyOnnx = { opset: flags.opset, 'input-names': flags.inputNames, 'output-names': flags.outputNames }
  for (const [flag, value] of Object.entries(onlyOnnx)) {
    if (to === 'torchscript' && value !== undefined)
      throw wrong(flag, `--${flag} is about ONNX`, 'Leave it out, or say --to onnx.')
  }
  const inputs = input.map(inputSpec)
  if (dynamicBatch && new Set(inputs.map(({ shape }) => shape[0])).size > 1)
    throw wrong('input', 'with --dynamic-batch all inputs start with the same batch', 'Give them one first number.')
  return {
    format: to,
    model,
    kwargs: kwargsJson(flags.kwargs ?? ''),
    inputs,
    opset,
    inputNames: nameList('input-names', flags.inputNames),
    outputNames: nameList('output-names', flags.outputNames),
    dynamicBatch,
    tolerance: toleranceOf(flags.tolerance),
    timeout,
  }
}

function inputSpec(text: string): InputSpec {
  const [, dimensions, dtype = 'float32', below = '2'] = SPEC.exec(text) ?? []
  const shape = dimensions?.split(',').map(Number) ?? []
  const values = shape.reduce((product, one) => product * one, 1)
  const isWhole = /int/.test(dtype)
  if (shape.length === 0 || !DTYPES.includes(dtype) || (/</.test(text) && !isWhole) || Number(below) < 1) {
    const hint = `Say --input 1,3,32,32, or 1,16:int64<1000 for whole numbers below 1000; dtypes are ${DTYPES.join(', ')}.`
    throw wrong('input', `${JSON.stringify(text)} is no shape of an input`, hint)
  }
  if (values < 1 || values > VALUES_MAX)
    throw wrong('input', `an input of ${values} values is refused`, 'Give the shape of one small batch.')
  return { shape, dtype, below: Number(below) }
}

/** Names and values with commas between; commas inside brackets and quotes belong to a value. */
function kwargsJson(text: string): string {
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) {
    if (isJson(trimmed)) return trimmed
    throw wrong('kwargs', 'this is no JSON object', `Say --kwargs '{"num_classes": 10}' or num_classes=10.`)
  }
  const seen = new Set<string>()
  const entries = splitOutside(trimmed).map((entry) => {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, Math.max(0, equals)).trim()
    if (!IDENTIFIER.test(name) || seen.has(name)) {
      const what = seen.has(name) ? 'is given twice' : 'is no name=value'
      throw wrong('kwargs', `${JSON.stringify(entry)} ${what}`, 'Say --kwargs num_classes=10,image_size=32.')
    }
    seen.add(name)
    return `${JSON.stringify(name)}:${valueJson(entry.slice(equals + 1).trim())}`
  })
  return `{${entries.join(',')}}`
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
])

/** JSON as it is, Python's three words, and anything else as text. */
function valueJson(text: string): string {
  return WORDS.get(text) ?? (isJson(text) ? text : JSON.stringify(text))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const PIECE = /"(?:[^"\\]|\\.)*"|[[{(]|[\])}]|,|[^"[{(\])},]+|"/g

function splitOutside(text: string): string[] {
  if (text === '') return []
  const parts = ['']
  let depth = 0
  for (const [piece] of text.matchAll(PIECE)) {
    if ('[{('.includes(piece)) depth++
    else if ('])}'.includes(piece)) depth--
    if (piece === ',' && depth <= 0) parts.push('')
    else parts[parts.length - 1] += piece
  }
  return parts
}

function nameList(flag: string, text: string | undefined): string[] | null {
  if (text === undefined) return null
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => /^[^\s\0]{1,200}$/.test(name)) && new Set(names).size === names.length) return names
  throw wrong(flag, `--${flag} is a list of different names with commas between`, `Say --${flag} image,mask.`)
}

function toleranceOf(text: string | undefined): number {
  if (text === undefined) return TOLERANCE
  const value = /^[0-9.]+(?:e[-+]?[0-9]+)?$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isFinite(value)) return value
  throw wrong('tolerance', '--tolerance is a number of at least 0', 'Say --tolerance 1e-4.')
}

function wrong(flag: string, message: string, hint: string): ArtError {
  return new ArtError('USAGE', message, { path: `--${flag}`, hint })
}
