import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { type ArtError, isArtError } from '@art/core'
import { readModel } from '@art/checkpoint/format/read.ts'
import { scanFile, weightsOnly } from '@art/checkpoint/scan/scan.ts'
import { describeModel } from '@art/checkpoint/table/describe.ts'
import { summarize } from '@art/checkpoint/table/summary.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import type { Content } from '../model/content.ts'
import { diagnose, type Diagnosis } from '../model/diagnosis.ts'
import { findModel, type Model } from '../model/find.ts'
import { firstLook } from '../model/first-look.ts'
import { holdsNoModel, noModel } from '../model/no-model.ts'
import { type LookPlace, withPlace } from '../model/place.ts'
import { checkpointOf } from '../model/read-block.ts'
import { installedTorch, type TorchPlace } from '../model/torch-installed.ts'
import { shellWord } from '../shell-word.ts'
import { typedPath } from '../target/path.ts'
import type { DoctorFinding, DoctorResult, LookOptions } from '../view-api.ts'

const NOTHING: Diagnosis = {
  format: null,
  findings: [],
  load: null,
  torch: { needs: [] },
  imports: [],
  weightsOnly: null,
  devices: [],
}

/**
 * Why loading a model file would fail here, and what to do. Reads its tables and pickles, and runs nothing. Fails with `NOT_FOUND` for what is
 * neither a file nor tracked, and as reading fails.
 */
export async function doctor(name: string, options: LookOptions): Promise<DoctorResult> {
  const { environment = process.env } = options
  return await withPlace(options, async (place) => {
    const model = await findModel(place.session, place.cwd, name)
    const content = await model.open()
    const root = place.session?.repo.root ?? place.cwd
    const installed = installedTorch({ environment, root })
    try {
      const diagnosis =
        content === undefined ? missing(model, installed) : await examine(content, model, place, installed)
      return { path: name, ok: diagnosis.findings.every(({ level }) => level !== 'error'), ...diagnosis }
    } finally {
      await content?.close()
    }
  })
}

function missing(model: Model, installed: TorchPlace | undefined): Diagnosis {
  const code = holdsNoModel(model, model.name) === undefined ? 'missing' : 'no-model'
  const { message, hint = '' } = noModel(model, model.name)
  const finding: DoctorFinding = { code, level: 'error', message, advice: hint }
  const block = model.pointer?.checkpoint && checkpointOf(model.pointer.checkpoint)
  const recorded = block?.torch
  const torch = {
    needs: [],
    ...(recorded === undefined ? {} : { recorded }),
    ...(installed?.version === undefined ? {} : { installed: installed.version }),
  }
  return { ...NOTHING, format: block?.format ?? null, torch, findings: [finding] }
}

async function examine(
  content: Content,
  model: Model,
  place: LookPlace,
  installed: TorchPlace | undefined,
): Promise<Diagnosis> {
  const { source, openBeside } = content
  const { signal, settings } = place
  const first = await firstLook(source, signal)
  if (first !== undefined) return { ...NOTHING, findings: [first] }
  const beside = { signal, ...(openBeside === undefined ? {} : { openBeside }) }
  const report = await scanFile(source, beside)
  const table = await tableOrFailure(async () => {
    const file = await readModel(source, beside)
    try {
      return file && (await describeModel(file, { ...settings, signal, measure: 'nothing' }))
    } finally {
      await file?.close?.()
    }
  })
  const failure = isArtError(table) ? table : undefined
  const known = isArtError(table) ? undefined : table
  const summary = known && summarize(known)
  const block = model.pointer?.checkpoint && checkpointOf(model.pointer.checkpoint)
  const diagnosis = diagnose(
    {
      report,
      weightsOnly: weightsOnly(report),
      dtypes: known === undefined ? [] : [...new Set(known.tensors.map(({ dtype }) => dtype))],
      devices: summary?.devices.map((share) => share.name) ?? [],
      recorded: known?.facts.torch ?? block?.torch ?? block?.torchInstalled,
      isRecordedInFile: known?.facts.torch !== undefined || block?.torch !== undefined,
      installed: installed?.version,
      environment: installed,
      gpus: gpusHere(),
    },
    isElsewhere(model) ? basename(model.path ?? model.name) : model.name,
  )
  if (isElsewhere(model)) diagnosis.findings.push(elsewhere(model, place))
  if (failure === undefined) return diagnosis
  const damaged: DoctorFinding = {
    code: 'damaged',
    level: 'error',
    message: `it cannot be read: ${failure.message}`,
    advice:
      failure.code === 'NOT_FOUND'
        ? (failure.hint ?? 'Fetch all files of the model.')
        : 'It was cut off or damaged: fetch or save it again.',
  }
  const others = diagnosis.findings.filter(({ code }) => code !== 'no-model')
  return { ...diagnosis, load: null, findings: [damaged, ...others] }
}

function isElsewhere({ rev, release }: Model): boolean {
  return rev !== undefined || release !== undefined
}

/** Another revision's, or a release's: no file has it. */
function elsewhere({ name, path = name, rev }: Model, { session }: LookPlace): DoctorFinding {
  const typed = session === undefined ? path : typedPath(session.repo, path)
  const what = rev === undefined ? shellWord(name) : `${shellWord(typed)} --rev ${shellWord(rev)}`
  return {
    code: 'elsewhere',
    level: 'note',
    message: 'it is not what lies in the workspace',
    advice: `\`art get . ${what} -o ${shellWord(basename(path))}\` writes it.`,
  }
}

async function tableOrFailure(
  work: () => Promise<TensorTable | undefined>,
): Promise<TensorTable | ArtError | undefined> {
  try {
    return await work()
  } catch (error) {
    if ((['CORRUPT', 'UNSUPPORTED', 'NOT_FOUND', 'PATH_UNSAFE'] as const).some((code) => isArtError(error, code)))
      return error as ArtError
    throw error
  }
}

/** As NVIDIA's driver lists them on Linux; undefined where there is no such driver to ask. */
function gpusHere(): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return readdirSync('/proc/driver/nvidia/gpus').length
  } catch {
    return 0
  }
}
