import { ArtError } from '@art/core'
import { shellWord } from '../shell-word.ts'
import type { LocalFolder } from './folder-content.ts'
import { notHere } from './members.ts'

/** Why a model could not be opened: its directory is here and holds none, or its bytes are not here. `path` is what the error calls it. */
export function noModel({ folder, bring }: Unopened, path: string): ArtError {
  const names = folder?.()?.names
  return names === undefined ? notHere(path, { bring }) : noModelAmong(names, path)
}

interface Unopened {
  folder?: (() => LocalFolder | undefined) | undefined
  bring?: string | undefined
}

/** `names` are those at the top of the directory. */
export function noModelAmong(names: readonly string[], path: string): ArtError {
  if (!names.some((name) => name.endsWith('.distcp')))
    return new ArtError('UNSUPPORTED', 'the folder holds no model, or several', { path, hint: 'Name the file itself.' })
  return new ArtError('UNSUPPORTED', 'a distributed checkpoint (.distcp): art keeps it, and does not look into it', {
    path,
    hint: `\`python -m torch.distributed.checkpoint.format_utils dcp_to_torch ${shellWord(path)} model.pth\` makes one file of it.`,
  })
}
