/** Something that a file uses, and the first release of torch that reads it. */
export interface TorchNeed {
  what: string
  since: string
}

/** Containers: torch's release notes of 1.6 (the zip format), 1.0 (TorchScript) and 2.1 (`torch.export.save`). */
const FORMATS: Readonly<Record<string, TorchNeed>> = {
  pytorch: { what: 'the zip format', since: '1.6' },
  torchscript: { what: 'TorchScript archives', since: '1.0' },
  'torch-export': { what: 'exported programs', since: '2.1' },
}

/** Release → dtypes that it brought. Sources: the release notes, and `torch/storage.py` and `torch/serialization.py` of these releases. */
const DTYPES: Readonly<Record<string, string>> = {
  '1.3': 'bfloat16 qint8 quint8 qint32',
  '1.6': 'complex64 complex128',
  '1.8': 'quint4x2',
  '1.11': 'quint2x4',
  '2.1': 'float8_e4m3fn float8_e5m2',
  '2.2': 'float8_e4m3fnuz float8_e5m2fnuz',
  '2.3': 'uint16 uint32 uint64',
  '2.7': 'float8_e8m0fnu',
  '2.8': 'float4_e2m1fn_x2',
}

/** Release → names of torch that pickles import, which it brought. */
const NAMES: Readonly<Record<string, string>> = {
  '0.4': 'torch._utils._rebuild_tensor_v2',
  '1.0': 'torch._utils._rebuild_parameter',
  '1.3': 'torch._utils._rebuild_qtensor',
  '1.12': 'torch._tensor._rebuild_from_type_v2',
  '2.0': 'torch.storage.UntypedStorage torch._utils._rebuild_parameter_with_state',
  '2.1': 'torch._utils._rebuild_tensor_v3',
}

const sinceOf = (table: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(table).flatMap(([since, names]) => names.split(' ').map((name) => [name, since] as const)))
const DTYPE_SINCE = sinceOf(DTYPES)
const NAME_SINCE = sinceOf(NAMES)

/** What of a file needs which torch, the latest first. A later release may have brought what is not listed here. */
export function torchNeeds(file: {
  format: string | undefined
  dtypes: Iterable<string>
  imports: Iterable<string>
}): TorchNeed[] {
  const needs = new Map<string, TorchNeed>()
  const add = (what: string, since: string | undefined): void => {
    if (since !== undefined) needs.set(what, { what, since })
  }
  const format = file.format === undefined ? undefined : FORMATS[file.format]
  if (format !== undefined) add(format.what, format.since)
  for (const dtype of file.dtypes) add(dtype, DTYPE_SINCE.get(dtype))
  for (const name of file.imports) add(name, NAME_SINCE.get(name))
  return [...needs.values()].sort((a, b) => compareVersions(b.since, a.since) || (a.what < b.what ? -1 : 1))
}

/** By their numbers: `2.10.0+cpu` is later than `2.9`. What follows the numbers does not count. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [numbersOf(a), numbersOf(b)]
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const difference = (one[i] ?? 0) - (other[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function numbersOf(version: string): number[] {
  return (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number)
}
