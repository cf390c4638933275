/** Something that a file uses, and the first release of torch that reads it. */
export interface TorchNeed {
  what: string
  since: string
}

/*
 * Where these tables are from: the Python sources and type stubs in the wheels of torch 1.1.0, 1.2.0, 1.5.1 to 1.13.1, 2.0.1 to 2.3.1 and 2.6.0 to
 * 2.8.0. Each entry is there in the release that is named, and missing in the one before, but for what is marked: no wheel tells of it.
 */

/**
 * Containers. The zip format is what torch.save has written since 1.6; 1.5 has a reader of it, and whether that takes every such file was not tried.
 * Not verified: TorchScript, which is by the release notes of 1.0.
 */
const FORMATS: Readonly<Record<string, TorchNeed>> = {
  pytorch: { what: 'the zip format', since: '1.6' },
  torchscript: { what: 'TorchScript archives', since: '1.0' },
  'torch-export': { what: 'exported programs', since: '2.1' },
}

/**
 * Release → dtypes that it brought: that have a storage class, or a name. Not verified: those of 2.1, whose stubs do not list them. They are by
 * https://github.com/pytorch/pytorch/pull/104242, and a file of torch.save holds them since 2.2, by `_rebuild_tensor_v3`:
 * https://github.com/pytorch/pytorch/pull/114662.
 */
const DTYPES: Readonly<Record<string, string>> = {
  '1.2': 'bfloat16 qint8 quint8 qint32',
  '1.6': 'complex64 complex128',
  '1.8': 'quint4x2',
  '1.11': 'quint2x4',
  '2.1': 'float8_e4m3fn float8_e5m2',
  '2.2': 'float8_e4m3fnuz float8_e5m2fnuz',
  '2.3': 'uint16 uint32 uint64',
  '2.7': 'float8_e8m0fnu',
  '2.8': 'float4_e2m1fn_x2',
}

/** Release → names of torch that pickles import, which it brought. Not verified: 0.4 and 1.0, of which 1.1.0 has both names. */
const NAMES: Readonly<Record<string, string>> = {
  '0.4': 'torch._utils._rebuild_tensor_v2',
  '1.0': 'torch._utils._rebuild_parameter',
  '1.2': 'torch._utils._rebuild_qtensor',
  '1.10': 'torch._tensor._rebuild_from_type_v2',
  '1.13': 'torch.storage.UntypedStorage',
  '2.0': 'torch._utils._rebuild_parameter_with_state',
  '2.2': 'torch._utils._rebuild_tensor_v3',
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
