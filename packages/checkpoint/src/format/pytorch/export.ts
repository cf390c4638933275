import type { ModelFile, Tensor, Value } from '../../model-file.ts'
import { newBudget } from '../../pickle/budget.ts'
import { isAffordableJson } from '../../json-cost.ts'
import { dict, type Entry, isDict } from '../../pickle/value.ts'
import { findMember, type Member, openMember, type Zip } from '../../zip/zip.ts'
import type { Archive } from './archive.ts'
import { refuseExpansion } from './expansion.ts'
import { exportGraph } from './export-graph.ts'
import { readWeights } from './export-weights.ts'
import { parseJson } from './json.ts'
import { readNested } from './nested.ts'
import { readWhole } from './stream.ts'
import { containerFacts } from './torch-zip.ts'
import type { Reading } from './unpickle.ts'
import { listTensors, warningsOf } from './walk.ts'

/** A larger program is not read for its graph. */
const PROGRAM_BYTES_MAX = 16 << 20
const OLD_PROGRAM = 'serialized_exported_program.json'

export function isTorchExport({ find }: Archive): boolean {
  return find('archive_format') !== undefined || find('models/model.json') !== undefined
}

/** Of torch before 2.8, whose members are in no folder. */
export function isOldTorchExport(zip: Zip): boolean {
  return findMember(zip, OLD_PROGRAM) !== undefined
}

/**
 * What `torch.export.save` writes: `models/NAME.json`, the program; below `data/weights` and `data/constants` a list of names, and a record
 * for each storage. https://github.com/pytorch/pytorch/blob/main/docs/source/export/pt2_archive.md
 *
 * Several models in one file have their names before those of their tensors.
 */
export async function readTorchExport(archive: Archive, reading: Reading): Promise<ModelFile> {
  const names = modelNames(archive)
  const entries: Entry[] = []
  for (const name of names) {
    const weights = await readWeights(archive, 'data/weights/', `${name}_weights_config.json`, `${name}.pt`, reading)
    const constants = await readWeights(
      archive,
      'data/constants/',
      `${name}_constants_config.json`,
      `${name}.pt`,
      reading,
    )
    const all: Entry[] = constants.length > 0 ? [...weights, ['constants', dict(constants)]] : weights
    if (names.length > 1) entries.push([name, dict(all)])
    else for (const entry of all) entries.push(entry)
  }
  const program = names.length === 1 ? archive.find(`models/${names[0]}.json`) : undefined
  return finish(archive.zip, dict(entries), program, await containerFacts(archive, reading), reading)
}

/** Three nested files of `torch.save`, of which two hold tensors. */
export async function readOldTorchExport(zip: Zip, reading: Reading): Promise<ModelFile> {
  const entries: Entry[] = []
  for (const [name, prefix] of [
    ['serialized_state_dict.pt', ''],
    ['serialized_constants.pt', 'constants'],
  ] as const) {
    const member = findMember(zip, name)
    if (member === undefined || member.size === 0) continue
    const value = await readNested(zip, member, reading)
    if (prefix !== '') entries.push([prefix, value])
    else if (isDict(value)) for (const entry of value.entries) entries.push(entry)
  }
  return finish(zip, dict(entries), findMember(zip, OLD_PROGRAM), new Map(), reading)
}

async function finish(
  zip: Zip,
  root: Value,
  program: Member | undefined,
  metadata: ReadonlyMap<string, Value>,
  reading: Reading,
): Promise<ModelFile> {
  const tensors: Tensor[] = listTensors(root, newBudget(reading.limits))
  refuseExpansion(tensors, zip.source.size)
  const version = program && (await torchVersion(zip, program, reading))
  const read = program !== undefined && program.size <= PROGRAM_BYTES_MAX && (await readAll(zip, program, reading))
  return {
    format: 'torch-export',
    tensors,
    root,
    metadata,
    imports: [...reading.imports].sort(),
    warnings: [...reading.warnings, ...warningsOf(tensors)],
    ...(version !== undefined && { producer: { name: 'pytorch', version } }),
    ...(read && isAffordableJson(read) && { graph: exportGraph(parseJson(read, 'the program')) }),
  }
}

async function readAll(zip: Zip, member: Member, { options }: Reading): Promise<Uint8Array> {
  const source = await openMember(zip, member, options)
  return readWhole(source, 0, source.size, options)
}

/** It stands near the end of the program, which can be large. */
async function torchVersion(zip: Zip, member: Member, { options }: Reading): Promise<string | undefined> {
  const source = await openMember(zip, member, options)
  const length = Math.min(source.size, 4096)
  const end = Buffer.from(await source.read(source.size - length, length, options)).toString('latin1')
  return /"torch_version": ?"([^"\\]{1,100})"/.exec(end)?.[1]
}

function modelNames({ zip, folder }: Archive): string[] {
  const names = zip.members.flatMap(({ name }) => {
    const found = name.startsWith(`${folder}models/`) ? /^([^/]+)\.json$/.exec(name.slice(folder.length + 7)) : null
    return found === null ? [] : [found[1]!]
  })
  return [...new Set(names)]
}
