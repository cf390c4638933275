import { modernName } from './names/python2.ts'
import { WEIGHTS_ONLY_GLOBALS, WEIGHTS_ONLY_OPCODES, WEIGHTS_ONLY_REGISTERED } from './names/weights-only.ts'
import type { FoundPickle, ScanFormat, ScanReport } from './report.ts'

/** Whether `torch.load(weights_only=True)` takes a file, in the release that the lists are from. */
export interface WeightsOnly {
  readonly accepted: boolean
  /** Opcodes that its unpickler does not know, sorted. */
  readonly opcodes: readonly string[]
  /** Imports that it refuses, as `module.name`: what `torch.serialization.add_safe_globals` would have to name. Sorted. */
  readonly globals: readonly string[]
  /** Classes of NumPy's dtypes, which it wants allowed too where `numpy.dtype` makes them. No import names them. Sorted. */
  readonly classes: readonly string[]
  /** Any other reason, as a phrase: a format that it does not read, a damaged pickle. */
  readonly reason: string | undefined
}

const ACCEPTED: ReadonlySet<string> = new Set(
  [WEIGHTS_ONLY_GLOBALS, WEIGHTS_ONLY_REGISTERED].flatMap((list) =>
    Object.entries(list).flatMap(([module, names]) => (names.match(/\S+/g) ?? []).map((name) => `${module}.${name}`)),
  ),
)

/** Judges by what `torch.load` reads of the file: one pickle of an archive, five of a legacy file. */
export function weightsOnly(report: ScanReport): WeightsOnly {
  const loaded = report.pickles.filter((pickle) => pickle.loaded)
  const places = new Set(loaded.map(({ where }) => where))
  const used = new Set(loaded.flatMap((pickle) => [...pickle.opcodes]))
  const opcodes = [...used].filter((name) => !WEIGHTS_ONLY_OPCODES.has(name)).sort()
  const names = report.imports
    .filter(({ where }) => places.has(where))
    .map(({ module, name }) => modernName(module, name))
  const globals = [...new Set(names.filter((name) => !ACCEPTED.has(name)))].sort()
  const classes = [...new Set(loaded.flatMap(({ dtypes }) => [...dtypes].flatMap(dtypeClass)))].sort()
  const reason = reasonOf(report.format, loaded) ?? untypedReason(report.format, names)
  return { accepted: opcodes.length + globals.length === 0 && reason === undefined, opcodes, globals, classes, reason }
}

/** By the letter of a code; numbers follow with their bits. */
const DTYPE_CLASSES: ReadonlyMap<string, string> = new Map(
  'b1 Bool,f16 LongDouble,c32 CLongDouble,O Object,S Bytes,a Bytes,U Str,V Void,M DateTime64,m TimeDelta64,i Int,u UInt,f Float,c Complex'
    .split(',')
    .map((pair) => pair.split(' ') as [string, string]),
)

/** `numpy.dtypes.Float64DType` of `f8`. */
function dtypeClass(code: string): string[] {
  const [, letter = '', bytes = ''] = /^[<>|=]?([a-zA-Z])(\d*)/.exec(code) ?? []
  const named = DTYPE_CLASSES.get(letter + bytes) ?? DTYPE_CLASSES.get(letter)
  if (named === undefined) return []
  const isSized = /^(?:U?Int|Float|Complex)$/.test(named)
  if (isSized && bytes === '') return []
  const bits = isSized ? 8 * Number(bytes) : ''
  return [`numpy.dtypes.${named}${bits}DType`]
}

function reasonOf(format: ScanFormat | undefined, loaded: readonly FoundPickle[]): string | undefined {
  switch (format) {
    case 'pytorch':
    case 'pytorch-legacy':
      if (loaded.length === 0) return 'it holds no data.pkl that torch would read'
      return loaded.find(({ failure }) => failure !== undefined)?.failure
    case 'torchscript':
      return 'torch.load reads TorchScript archives with torch.jit.load, and only without weights_only'
    case undefined:
      return 'torch.load does not know the format'
    default:
      return `torch.load does not read ${format}`
  }
}

/** The dtypes that have no storage class of their own (float8, uint16 and the like) cannot be read from the legacy format at all. */
function untypedReason(format: ScanFormat | undefined, names: readonly string[]): string | undefined {
  if (format !== 'pytorch-legacy' || !names.includes('torch.storage.UntypedStorage')) return undefined
  return 'torch.load cannot read dtypes without a storage class from its legacy format'
}
