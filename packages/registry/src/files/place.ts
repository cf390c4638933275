import { createHash } from 'node:crypto'
import { isModelName } from '../tag/name.ts'
import { parseVersion, type Version } from '../version/version.ts'

export const REGISTRY_FILE = 'models/registry.json'
export const MODELS_PAGE = 'MODELS.md'

const SUFFIX = '_metadata.yaml'
/** What every file system takes as a name, with room for the name of a temporary file. */
const MAX_STEM = 180

/**
 * `models/<name>_v<version>_metadata.yaml`. A `/` of the name becomes `.`, which no name has, so that two models never share a file; of what is
 * longer than 180 characters the end becomes the first 16 hex digits of its sha256.
 */
export function metadataPath(model: string, version: Version): string {
  const stem = `${model.replaceAll('/', '.')}_v${version}`
  return `models/${stem.length <= MAX_STEM ? stem : shortened(stem)}${SUFFIX}`
}

function shortened(stem: string): string {
  const digest = createHash('sha256').update(stem).digest('hex').slice(0, 16)
  return `${stem.slice(0, MAX_STEM - digest.length - 1)}-${digest}`
}

/** What a metadata file is of by its path; undefined for any other, and for one whose name was shortened. */
export function releaseOfPath(path: string): { model: string; version: Version } | undefined {
  const { stem, text } = /^models\/(?<stem>[^/]+)_v(?<text>[^_/]+)_metadata\.yaml$/.exec(path)?.groups ?? {}
  const version = text === undefined ? undefined : parseVersion(text)
  const model = stem?.replaceAll('.', '/')
  return version === undefined || version !== text || !isModelName(model!) ? undefined : { model: model!, version }
}

export function isMetadataPath(path: string): boolean {
  return /^models\/[^/]+$/.test(path) && path.endsWith(SUFFIX)
}

/** Does art write this file, beside models, to tell of releases? */
export function isRegistryFile(path: string): boolean {
  return path === REGISTRY_FILE || path === MODELS_PAGE || isMetadataPath(path)
}

/** How a release is called: `simple_cnn@v1.0.0`. */
export function releaseName(model: string, version: Version): string {
  return `${model}@v${version}`
}
