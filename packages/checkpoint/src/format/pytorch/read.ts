import { ArtError } from '@art/core'
import { LIMITS, type ModelFile } from '../../model-file.ts'
import { OP } from '../../pickle/opcodes.ts'
import type { Source } from '../../source.ts'
import { isZipStart, readZip, type Zip } from '../../zip/zip.ts'
import { archiveOf } from './archive.ts'
import { isOldTorchExport, isTorchExport, readOldTorchExport, readTorchExport } from './export.ts'
import { isLegacyStart, readLegacy } from './legacy.ts'
import { isTarStart, readTorchTar } from './tar.ts'
import { isTorchTarStart } from './tar-member.ts'
import { readTorchScript } from './torchscript.ts'
import { readTorchZip } from './torch-zip.ts'
import { newReading, type PyTorchOptions } from './unpickle.ts'
import { readWithin } from './within.ts'

export type { PyTorchOptions } from './unpickle.ts'

/** As many bytes of a file's start as tell whether it is one of torch's. */
export const START_BYTES = 512

/** Is it a file that torch wrote, other than a zip archive? `start` holds its first `START_BYTES` bytes. */
export function isPyTorchStart(start: Uint8Array): boolean {
  return isLegacyStart(start) || isTorchTarStart(start)
}

/** What torch wrote the archive as; undefined for any other kind of zip. */
export function formatOfArchive(zip: Zip): 'pytorch' | 'torchscript' | 'torch-export' | undefined {
  const archive = archiveOf(zip, 0)
  if (archive?.find('constants.pkl') !== undefined) return 'torchscript'
  if (archive?.find('data.pkl') !== undefined) return 'pytorch'
  const isExport = isOldTorchExport(zip) || (archive !== undefined && isTorchExport(archive))
  return isExport ? 'torch-export' : undefined
}

/**
 * Reads what torch writes: zip archives of `torch.save`, TorchScript and `torch.export`, the stream of pickles before 1.6, and the tar
 * archives before 0.1.10. The pickles are interpreted as data; nothing that they name is imported or called. Payloads are not read, but for
 * the legacy format's 8 bytes before each.
 *
 * `known` is the archive, where its directory has been read. Fails with `CORRUPT` where the file cannot be read whole or goes beyond `limits`, with `UNSUPPORTED` where it is none of these.
 */
export async function readPyTorch(source: Source, options: PyTorchOptions = {}, known?: Zip): Promise<ModelFile> {
  const reading = newReading(options.limits ?? LIMITS, options, readWithin)
  const start = Uint8Array.from(await source.read(0, Math.min(source.size, START_BYTES), options))
  try {
    // Torch takes any pickle that makes the magic number, however it is spelled.
    if (isLegacyStart(start) || start[0] === OP.PROTO) return await readLegacy(source, reading)
    if (isTarStart(start)) return await readTorchTar(source, reading)
    const zip = known ?? (isZipStart(start) ? await readZip(source, options) : undefined)
    if (zip !== undefined && isOldTorchExport(zip)) return await readOldTorchExport(zip, reading)
    // Torch does not open such a file; the parts of a distributed checkpoint are ranges of it.
    if (zip !== undefined && zip.end.shift > 0)
      throw unsupported(
        source,
        'several archives in one file, as in a .distcp of a distributed checkpoint',
        DISTRIBUTED,
      )
    const archive = zip && archiveOf(zip, 0)
    if (archive !== undefined) {
      const [pickle, constants] = [archive.find('data.pkl'), archive.find('constants.pkl')]
      if (constants !== undefined) return await readTorchScript(archive, pickle, constants, reading)
      if (pickle !== undefined) return await readTorchZip(archive, pickle, reading)
      if (isTorchExport(archive)) return await readTorchExport(archive, reading)
      if (archive.find('model.json') !== undefined) throw unsupported(source, 'TorchScript of a version before 1.4')
    }
  } catch (error) {
    throw inFile(error, source)
  }
  throw unsupported(source, 'not a file that PyTorch wrote')
}

const DISTRIBUTED =
  '`python -m torch.distributed.checkpoint.format_utils dcp_to_torch <folder> model.pth` makes one file of the folder.'

function unsupported(
  source: Source,
  what: string,
  hint = 'Load it with the version of torch that wrote it, and save it again.',
): ArtError {
  return new ArtError('UNSUPPORTED', what, { path: source.name, hint })
}

/** Names the file in errors that only know of bytes. */
function inFile(error: unknown, { name }: Source): unknown {
  if (!(error instanceof ArtError) || error.path !== undefined) return error
  const { code, message, hint, cause, details, retryable } = error
  return new ArtError(code, message, {
    path: name,
    hint: hint ?? 'Fetch or save the file again.',
    cause,
    details,
    retryable,
  })
}
