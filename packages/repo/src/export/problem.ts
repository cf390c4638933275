import { ArtError, type ArtErrorCode, type ErrorDetail } from '@art/core'
import type { CheckpointFacts } from '../api.ts'
import { shellWord } from '../shell-word.ts'
import type { ProgramRequest } from './request.ts'

/** What was asked for, as far as errors name it. */
export interface Asked {
  python: string
  request: ProgramRequest
  /** As the user named the model file. */
  source: string
  /** What the checkpoint says of how it was made. */
  config: CheckpointFacts['config']
  /** Folders that the user's modules are looked for in. */
  importFrom: readonly string[]
}

type Told = Readonly<Record<string, unknown>> & { kind: string; message: string }

/** Packages that are called otherwise than their module. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['PIL', 'pillow'],
  ['cv2', 'opencv-python-headless'],
  ['sklearn', 'scikit-learn'],
  ['skimage', 'scikit-image'],
  ['yaml', 'pyyaml'],
])

/** What Python told, as an error that says what to do next. `NOT_FOUND` for what is missing, `UNSUPPORTED` for all else. */
export function problemError(told: Told, asked: Asked): ArtError {
  const { code, hint } = adviceFor(told, asked)
  const where = textOf(told['where'])
  const details = detailsOf(told['details'])
  return new ArtError(code, told.message, {
    path: asked.source,
    hint,
    details: where === undefined ? details : [...details, { path: where, message: 'here' }],
  })
}

interface Advice {
  code: ArtErrorCode
  hint: string
}

function adviceFor(told: Told, asked: Asked): Advice {
  const { request, python, importFrom } = asked
  const unsupported = (hint: string): Advice => ({ code: 'UNSUPPORTED', hint })
  switch (told.kind) {
    case 'module':
      return missingModule(textOf(told['module']) ?? '', asked)
    case 'own-module':
      return {
        code: 'NOT_FOUND',
        hint: `Modules are looked for in ${importFrom.join(', ')} and where ${python} has them: run it from the folder that ${request.model.split(/[.:]/)[0]} is in, or set PYTHONPATH.`,
      }
    case 'attribute':
      return { code: 'NOT_FOUND', hint: namesHint('It has', told['found'], 'Check what comes after the colon.') }
    case 'kwargs':
      return unsupported(namesHint('It takes', told['found'], 'Check --kwargs.'))
    case 'build':
      return unsupported('Check --model and --kwargs: they must make the model that was trained.')
    case 'import':
      return unsupported('Make the module one that can be imported: `python -c "import …"` shows all of it.')
    case 'keys':
      return unsupported(keysHint(told, asked))
    case 'device':
      return unsupported(
        'Exports are made on the CPU: let the model code choose its device by `torch.cuda.is_available()`, or take it as an argument and pass it with --kwargs.',
      )
    case 'input':
      return unsupported('Say with --input what forward() takes: a shape, and a dtype such as 1,16:int64<1000.')
    case 'random':
      return unsupported('Use modules such as nn.Dropout, which eval() turns off, in place of functions that draw.')
    case 'training':
      return unsupported('Look for eval() and train() of your own that do not pass on what they are asked for.')
    case 'branch':
      return unsupported(
        'Branches and sizes in forward() depend on the input: say them by torch.where and the like, or use --to torchscript, which can keep them.',
      )
    case 'differs':
      return unsupported(
        'Look for branches and sizes that depend on the input; raise --tolerance only if so much is nothing to you. Nothing was written.',
      )
    case 'fixed-batch':
      return unsupported('Look for sizes that are written down in forward(), or leave out --dynamic-batch.')
    case 'names':
      return unsupported('Name each of them, or none.')
    case 'opset':
      return unsupported('Choose an --opset from 9 to 20, or a newer torch.')
    case 'too-large':
      return unsupported('Export to torchscript, which has no such limit.')
    case 'memory':
      return unsupported('Use a smaller --input, or a machine with more memory.')
    case 'run':
      return unsupported('Try another --opset, or a newer onnxruntime.')
    case 'dtype':
      return unsupported('Use a newer torch.')
    default:
      return unsupported(
        request.format === 'onnx' ? 'Try another --opset, or torchscript.' : 'Look at the place that is named.',
      )
  }
}

function missingModule(module: string, { python, request }: Asked): Advice {
  const [top = ''] = module.split('.')
  if (top === request.model.split(/[.:]/)[0])
    return { code: 'NOT_FOUND', hint: `Check the imports of ${request.model.split(':')[0]}: ${module} is not there.` }
  // What is no name of a package must not be pasted into a shell.
  const isName = /^[A-Za-z][A-Za-z0-9_]{0,80}$/.test(top)
  if (!isName) return { code: 'NOT_FOUND', hint: 'Install it into that Python.' }
  const install = `${shellWord(python)} -m pip install ${PACKAGES.get(top) ?? top}`
  return { code: 'NOT_FOUND', hint: `Run \`${install}\`, or name a Python that has it with --python.` }
}

function keysHint(told: Told, { request: { model, kwargs }, config }: Asked): string {
  const missed = missedArguments((told['left_to_default'] ?? {}) as Record<string, unknown>, config)
  if (missed.length > 0)
    return `The checkpoint's config says ${missed.join(',')}, which ${model} takes and --kwargs does not give: add it.`
  const likely = Object.entries((told['kwargs'] ?? {}) as Record<string, unknown>).filter(
    ([name, value]) => /^\w+$/.test(name) && Number.isSafeInteger(value),
  )
  if (likely.length > 0) return `Try --kwargs ${likely.map(([name, value]) => `${name}=${String(value)}`).join(',')}.`
  const [side, prefix] = Array.isArray(told['prefix']) ? (told['prefix'] as unknown[]).map(textOf) : []
  if (side === 'model' && prefix !== undefined)
    return `All names of the model start with ${prefix} and those of the weights do not: name what is inside with --model.`
  if (side === 'weights' && prefix !== undefined)
    return `All names of the weights start with ${prefix} and those of the model do not: name the model around it with --model.`
  return `Check that ${model} with ${kwargs} is the model that was trained; \`art show\` lists the tensors, and models.state_dict chooses among several state dicts.`
}

/** `width=12`: what the checkpoint was made with, where the model was made with a default that is something else. */
function missedArguments(defaults: Record<string, unknown>, config: Asked['config']): string[] {
  return Object.entries(config).flatMap(([name, value]) => {
    if (!/^\w{1,80}$/.test(name) || !Object.hasOwn(defaults, name) || defaults[name] === value) return []
    if (typeof value === 'boolean') return [`${name}=${value ? 'True' : 'False'}`]
    return typeof value === 'number' || (typeof value === 'string' && /^[\w.-]{1,80}$/.test(value))
      ? [`${name}=${value}`]
      : []
  })
}

function namesHint(verb: string, found: unknown, otherwise: string): string {
  const names = Array.isArray(found) ? found.filter((name) => typeof name === 'string').slice(0, 20) : []
  return names.length === 0 ? otherwise : `${verb} ${names.join(', ')}.`
}

function detailsOf(value: unknown): ErrorDetail[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((pair: unknown) => {
    const [path, message] = Array.isArray(pair) ? pair.map(textOf) : []
    return path === undefined || message === undefined ? [] : [{ path, message }]
  })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 2000) : undefined
}
