import { dirname, join } from 'node:path'
import { ArtError, isArtError } from '@art/core'
import { readSmallText } from '@art/core/fs/read-text.ts'
import { MODELS_FILE, parseModelsFile } from '@art/registry/models-file/models-file.ts'
import { tagFormat } from '@art/registry/tag/format.ts'
import type { ConfigPlace } from './edit.ts'
import type { FileLevel } from './level.ts'

/**
 * Fails with `USAGE` for a format of tags that every command on versions would refuse. What is for one model alone counts where `models.yaml` has one;
 * for the levels that are of no repository nobody can tell.
 */
export async function assertTagFormat({ artDir }: ConfigPlace, level: FileLevel, pattern: string): Promise<void> {
  const ofRepository = (level === 'project' || level === 'local') && artDir !== undefined
  const model = ofRepository ? await onlyModel(dirname(artDir)) : 'any'
  try {
    tagFormat(pattern, { where: 'release.tag_format', ...(model !== undefined && { model }) })
  } catch (error) {
    if (!isArtError(error, 'CONFIG_INVALID')) throw error
    throw new ArtError('USAGE', error.message, { path: error.path, hint: error.hint, cause: error })
  }
}

/** The one that `models.yaml` names; undefined where it names none, or more. */
async function onlyModel(root: string): Promise<string | undefined> {
  const text = readSmallText(join(root, MODELS_FILE))
  const names = text === undefined ? [] : [...(await parseModelsFile(text)).keys()]
  return names.length === 1 ? names[0] : undefined
}
