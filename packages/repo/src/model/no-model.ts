import { ArtError } from '@art/core'
import { shellWord } from '../shell-word.ts'
import type { LocalFolder } from './folder-content.ts'
import { modelFileAmong } from './folder-model.ts'
import { notHere } from './members.ts'

interface Unopened {
  folder?: (() => LocalFolder | undefined) | undefined
  bring?: string | undefined
}

/** Why a model could not be opened: its directory is known here and holds none, or its bytes are not here. `path` is what the error calls it. */
export function noModel(model: Unopened, path: string): ArtError {
  return holdsNoModel(model, path) ?? notHere(path, model)
}

/** The error of a directory whose names are known here and are none of a model; undefined for anything else. */
export function holdsNoModel({ folder }: Unopened, path: string): ArtError | undefined {
  const names = folder?.()?.names
  if (names === undefined || modelFileAmong(names) !== undefined) return undefined
  if (!names.some((name) => name.endsWith('.distcp')))
    return new ArtError('UNSUPPORTED', 'the folder holds no model, or several', { path, hint: 'Name the file itself.' })
  return new ArtError('UNSUPPORTED', 'a distributed checkpoint (.distcp): art keeps it, and does not look into it', {
    path,
    hint: `\`python -m torch.distributed.checkpoint.format_utils dcp_to_torch ${shellWord(path)} model.pth\` makes one file of it.`,
  })
}
