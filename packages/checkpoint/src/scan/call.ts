import { inlineText } from './constant.ts'
import type { ImportRecord } from './findings.ts'
import type { Interpreter } from './interpreter.ts'
import { dtypeOf } from './joblib.ts'
import { modernName } from './names/python2.ts'
import { type Constant, DATA, isConstant, isKind, itemsOf, type Symbolic, UNKNOWN } from './symbol.ts'

/** A constant of a pickle that is, or may be, a pickle itself. */
export interface Nested {
  readonly constant: Constant
  /** What is called to read it; undefined where nobody was seen to. */
  readonly by: ImportRecord | undefined
}

/** What a call of an import does to the values that matter. Undefined for what it returns means: something of its making. */
export type Effect = (
  run: Interpreter,
  record: ImportRecord,
  args: readonly Symbolic[],
  position: number,
) => Symbolic | undefined

/** More different ones than NumPy has. */
const DTYPES_MAX = 64

const EFFECTS: Readonly<Record<string, Effect>> = {
  '_codecs.encode': (_, __, [text, encoding], position) => (isLatin1(encoding) ? asBytes(text, position) : UNKNOWN),
  'builtins.bytes': (_, __, [value, encoding], position) => encoded(value, encoding, position),
  'builtins.bytearray': (_, __, [value, encoding], position) => encoded(value, encoding, position),
  'io.BytesIO': (_, __, [value]) => constant(value),
  '_io.BytesIO': (_, __, [value]) => constant(value),
  'builtins.getattr': (run, _, [object, name], position) => {
    if (!isKind(object, 'import') || typeof name !== 'string') return UNKNOWN
    return run.import(object.record.module, `${object.record.name}.${name}`, position)
  },
  'copyreg._reconstructor': (_, __, [type]) => instance(type),
  'copyreg.__newobj__': (_, __, [type]) => instance(type),
  'copyreg.__newobj_ex__': (_, __, [type]) => instance(type),
  'joblib.numpy_pickle.NumpyArrayWrapper': (run) => {
    run.tracking = true
    return undefined
  },
  'numpy.dtype': (run, record, [code]) => {
    if (typeof code === 'string' && run.dtypes.size < DTYPES_MAX) run.dtypes.add(code)
    return dtypeOf(record, code)
  },
}

/** Functions that unpickle their first argument, with `io.BytesIO` around it or not. */
const LOADERS: ReadonlySet<string> = new Set([
  'torch.load',
  'torch.serialization.load',
  'torch.jit.load',
  'pickle.loads',
  'pickle._loads',
  'pickle.load',
  'pickle._load',
  'pickle.Unpickler',
  '_pickle.loads',
  '_pickle.load',
  '_pickle.Unpickler',
  'dill.loads',
  'dill._dill.loads',
  'cloudpickle.loads',
  'cloudpickle.cloudpickle.loads',
  'joblib.load',
  'numpy.load',
  'numpy.loads',
  'pandas.read_pickle',
])

/** This one does nothing but unpickle its argument: it is what its arguments are. */
const LOAD_FROM_BYTES = 'torch.storage._load_from_bytes'

/** By the import's name in Python 3. */
export function effectOf({ module, name }: ImportRecord): Effect | undefined {
  const full = modernName(module, name)
  if (full === LOAD_FROM_BYTES) return loadFromBytes
  if (LOADERS.has(full)) return load
  return Object.hasOwn(EFFECTS, full) ? EFFECTS[full] : undefined
}

/** A text is the name of a file. */
const load: Effect = (run, by, [arg]) => {
  if (isConstant(arg) && arg.kind === 'bytes') run.nest(arg, by)
  return UNKNOWN
}

const loadFromBytes: Effect = (run, by, [arg], position) => {
  const pickle = typeof arg === 'string' ? inlineText(arg, position) : constant(arg)
  if (pickle !== undefined) run.nest(pickle, by)
  else {
    run.unknownArguments.add(by)
    run.problem('unpickles what cannot be known without running it', position)
  }
  if (run.unknownArguments.has(by)) run.judgedByArgument.delete(by)
  else run.judgedByArgument.add(by)
  return UNKNOWN
}

function constant(symbol: Symbolic | undefined): Constant | undefined {
  return isConstant(symbol) ? symbol : undefined
}

/** The bytes whose Latin-1 text a constant is. */
function asBytes(text: Symbolic | undefined, position: number): Symbolic {
  if (typeof text === 'string') return { ...inlineText(text, position), kind: 'bytes' }
  return isConstant(text) ? { ...text, kind: 'bytes' } : UNKNOWN
}

function encoded(value: Symbolic | undefined, encoding: Symbolic | undefined, position: number): Symbolic | undefined {
  return isLatin1(encoding) ? asBytes(value, position) : constant(value)
}

function instance(type: Symbolic | undefined): Symbolic {
  if (!isKind(type, 'import')) return UNKNOWN
  type.record.called = true
  return { kind: 'made', by: type.record }
}

function isLatin1(encoding: Symbolic | undefined): boolean {
  return typeof encoding === 'string' && /^(?:latin[-_]?1|iso[-_]?8859[-_]?1|l1)$/i.test(encoding)
}

/** In torch's legacy format a class travels as `('module', class, file, source)`; all else that is kept outside the pickle is a storage. */
export function persistent(id: Symbolic): Symbolic {
  const [kind, type] = itemsOf(id)
  return kind === 'module' && type !== undefined ? type : DATA
}
