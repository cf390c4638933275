import type { ScanReport, WeightsOnly } from '@art/checkpoint/scan/scan.ts'
import { listed } from '@art/core/listed.ts'
import type { DoctorFinding, DoctorResult } from '../view-api.ts'
import { compareVersions, type TorchNeed, torchNeeds } from './torch-needs.ts'

/** What was found out about a file, before anybody judges it. */
export interface Evidence {
  report: ScanReport
  weightsOnly: WeightsOnly
  dtypes: readonly string[]
  devices: readonly string[]
  recorded: string | undefined
  /** The file itself says so; otherwise it was the one installed where the file was added. */
  isRecordedInFile: boolean
  installed: string | undefined
  /** Where that was looked for; undefined where there is no Python. */
  environment: { of: string; by: string } | undefined
  /** GPUs that this machine has, where that can be told. */
  gpus: number | undefined
}

export type Diagnosis = Omit<DoctorResult, 'path' | 'ok'>

const OF_TORCH = /^(?:pytorch|pytorch-legacy|pytorch-tar)$/

/** Other formats, and what loads them. */
const OTHERS: Readonly<Record<string, [library: string, call: (path: string) => string]>> = {
  torchscript: ['torch.jit', (path) => `torch.jit.load(${path}, map_location="cpu")`],
  'torch-export': ['torch.export', (path) => `torch.export.load(${path})`],
  safetensors: ['safetensors', (path) => `safetensors.torch.load_file(${path})`],
  onnx: ['onnxruntime', (path) => `onnxruntime.InferenceSession(${path})`],
  gguf: ['llama.cpp or gguf', (path) => `gguf.GGUFReader(${path})`],
  npy: ['numpy', (path) => `numpy.load(${path})`],
  npz: ['numpy', (path) => `numpy.load(${path})`],
}

export function diagnose(evidence: Evidence, path: string): Diagnosis {
  const { report, weightsOnly, devices, dtypes, recorded, isRecordedInFile, installed } = evidence
  const names = report.imports.map(({ module, name }) => `${module}.${name}`)
  const imports = [...new Set(names)]
    .filter((name) => !/^(?:torch|__torch__|collections|builtins|__builtin__|_codecs)\./.test(name))
    .sort()
  const needs = torchNeeds({ format: report.format, dtypes, imports: names })
  const isTorch = OF_TORCH.test(report.format ?? '')
  const usesTorch = isTorch || report.format?.startsWith('torch') === true
  const findings = [
    ...unsafeFindings(report),
    ...(isTorch ? [] : otherFindings(report.format)),
    ...(usesTorch ? [...versionFindings(evidence, needs), ...deviceFindings(evidence, path)] : []),
    ...(isTorch ? weightsOnlyFindings(weightsOnly, report, path) : []),
    ...(imports.length > 0 && report.verdict !== 'unsafe' ? [importFinding(imports)] : []),
  ]
  const [lowest] = needs
  return {
    format: report.format ?? null,
    findings,
    load: report.verdict === 'unsafe' ? null : loadCall(evidence, path),
    torch: {
      ...(recorded === undefined ? {} : { recorded, recordedBy: isRecordedInFile ? 'file' : 'add' }),
      ...(installed === undefined ? {} : { installed }),
      ...(usesTorch && lowest !== undefined ? { lowest: lowest.since } : {}),
      needs: usesTorch ? needs : [],
    },
    imports,
    weightsOnly: isTorch ? plainWeightsOnly(weightsOnly) : null,
    devices: [...devices],
  }
}

/** Earlier ones take the argument for one of `pickle.load`, and fail. By torch's documentation. */
const WEIGHTS_ONLY_SINCE = '1.13'

function loadCall({ report, weightsOnly, devices, installed = '' }: Evidence, path: string): string | null {
  const quoted = pythonString(path)
  const other = report.format === undefined ? undefined : OTHERS[report.format]
  if (other !== undefined) return other[1](quoted)
  if (!OF_TORCH.test(report.format ?? '')) return null
  const where = devices.some((device) => device !== 'cpu' && device !== 'meta') ? ', map_location="cpu"' : ''
  if (weightsOnly.reason !== undefined && report.format !== 'pytorch-tar') return null
  const isOld = installed !== '' && compareVersions(installed, WEIGHTS_ONLY_SINCE) < 0
  return `torch.load(${quoted}${where}${isOld ? '' : `, weights_only=${weightsOnly.accepted ? 'True' : 'False'}`})`
}

/** A literal of Python, in double quotes: JSON's escapes are Python's too. */
function pythonString(text: string): string {
  return JSON.stringify(text)
}

function unsafeFindings({ verdict, imports }: ScanReport): DoctorFinding[] {
  if (verdict !== 'unsafe') return []
  const names = [
    ...new Set(imports.filter((one) => one.verdict === 'unsafe').map(({ module, name }) => `${module}.${name}`)),
  ]
  return [
    {
      code: 'unsafe',
      level: 'error',
      message: `loading it can run ${listed(names)}`,
      advice: 'Do not load it unless you know who made it; `art scan` tells where these names stand.',
    },
  ]
}

function otherFindings(format: string | undefined): DoctorFinding[] {
  const other = format === undefined ? undefined : OTHERS[format]
  if (other === undefined) {
    const what =
      format === undefined ? 'this is no model that art knows' : `this is ${format}, not a file of torch.save`
    return [{ code: 'no-model', level: 'error', message: what, advice: 'Check where it comes from.' }]
  }
  const [library] = other
  return [
    {
      code: 'other-library',
      level: 'note',
      message: `torch.load does not read ${format}: ${library === format ? 'the library of that name' : library} does`,
    },
  ]
}

function versionFindings(
  { installed, environment, recorded, isRecordedInFile }: Evidence,
  [latest]: readonly TorchNeed[],
): DoctorFinding[] {
  if (installed === undefined) {
    const where =
      environment === undefined
        ? 'no Python is active, or in PATH'
        : `no torch is found for ${environment.of} (${environment.by})`
    const message = `${where}${latest === undefined ? '' : `; the file needs torch ${latest.since} or later`}`
    return [
      {
        code: 'no-torch',
        level: 'note',
        message,
        advice:
          'Activate the environment that has it, so that VIRTUAL_ENV or CONDA_PREFIX names it, or have its Python first in PATH.',
      },
    ]
  }
  if (latest !== undefined && compareVersions(installed, latest.since) < 0) {
    const message = `torch ${installed} is installed, and ${latest.what} needs ${latest.since} or later`
    return [
      {
        code: 'torch-too-old',
        level: 'error',
        message,
        advice: `Install torch>=${latest.since}, or save the file again without it.`,
      },
    ]
  }
  if (recorded === undefined || compareVersions(recorded, installed) <= 0) return []
  const wrote = isRecordedInFile ? 'wrote it' : 'was installed where it was added'
  const message = `torch ${recorded} ${wrote}, and ${installed} is installed; nothing in it is known to need more than ${latest?.since ?? installed}`
  return [
    {
      code: 'torch-older',
      level: 'warning',
      message,
      advice: `If loading fails, install torch>=${recorded.replace(/\+.*/, '')}.`,
    },
  ]
}

function deviceFindings({ devices, gpus }: Evidence, path: string): DoctorFinding[] {
  const others = devices.filter((device) => device !== 'cpu' && device !== 'meta')
  if (others.length === 0) return []
  const missing = others.filter((device) => gpus === undefined || indexOf(device) >= gpus || !device.startsWith('cuda'))
  if (missing.length === 0) return []
  const known = gpus === undefined ? '' : `; this machine has ${gpus === 0 ? 'no such device' : `${gpus} of NVIDIA's`}`
  return [
    {
      code: 'device',
      level: 'warning',
      message: `its tensors were saved from ${listed(missing)}${known}`,
      advice: `Where that is not there, load with map_location: torch.load(${pythonString(path)}, map_location="cpu").`,
    },
  ]
}

function indexOf(device: string): number {
  return Number(/:(\d+)$/.exec(device)?.[1] ?? 0)
}

/** What torch before 0.1.2 wrote. */
const OF_OLD: DoctorFinding = {
  code: 'weights-only',
  level: 'warning',
  message: 'torch.load(weights_only=True), the default since torch 2.6, refuses the tar format of the first releases',
  advice: 'If you trust it: weights_only=False, and save it again.',
}

function weightsOnlyFindings(found: WeightsOnly, { verdict, format }: ScanReport, path: string): DoctorFinding[] {
  if (found.accepted) return []
  if (format === 'pytorch-tar') return [OF_OLD]
  const { globals, classes, opcodes, reason } = found
  const why = [
    ...(reason === undefined ? [] : [reason]),
    ...(globals.length === 0 ? [] : [`it imports ${listed(globals)}`]),
    ...(opcodes.length === 0 ? [] : [`it uses the opcodes ${listed(opcodes)}`]),
  ].join('; ')
  const message = `torch.load(weights_only=True), the default since torch 2.6, refuses it: ${why}`
  const advice =
    reason !== undefined
      ? 'Fetch or save the file again.'
      : verdict === 'unsafe'
        ? '`art export --to safetensors` takes the weights out without running anything.'
        : opcodes.length > 0
          ? `If you trust it: torch.load(${pythonString(path)}, weights_only=False), and save it again with torch.save's own protocol; \`art export --to safetensors\` takes the weights out without running anything.`
          : `If you trust it: with torch.serialization.safe_globals([${namesToAllow([...globals, ...classes])}]): torch.load(…), after importing them; or weights_only=False.`
  return [{ code: 'weights-only', level: reason === undefined ? 'warning' : 'error', message, advice }]
}

/** All of them, so that the call works, unless nobody would write so many. */
const ALLOWED_MAX = 12

function namesToAllow(names: readonly string[]): string {
  return names.length <= ALLOWED_MAX ? names.join(', ') : `${names.slice(0, 3).join(', ')}, …`
}

function importFinding(imports: readonly string[]): DoctorFinding {
  const packages = [...new Set(imports.map((name) => name.slice(0, name.indexOf('.'))))]
  const own = packages.includes('__main__')
  return {
    code: 'imports',
    level: 'note',
    message: `unpickling it imports ${listed(imports)}`,
    advice: own
      ? 'Names of __main__ are of the script that saved it: they must be defined in the one that loads it.'
      : `These packages must be importable: ${listed(packages)}.`,
  }
}

function plainWeightsOnly({ accepted, opcodes, globals, classes, reason }: WeightsOnly): DoctorResult['weightsOnly'] {
  return { accepted, opcodes, globals, classes, ...(reason === undefined ? {} : { reason }) }
}
