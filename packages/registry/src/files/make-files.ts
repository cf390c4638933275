import { type ArtError, isArtError } from '@art/core'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import { isOwnMetadata, metadataDisagreements, renderMetadata } from './metadata.ts'
import { metadataPath, MODELS_PAGE, REGISTRY_FILE, releaseName, releaseOfPath } from './place.ts'
import type { ReleaseRecord } from './record.ts'
import { renderPage } from './render-page.ts'
import { type FileProblem, type IsGone, type Rendered, renderRegistry } from './render-registry.ts'

/** The files as they are. */
export interface CurrentFiles {
  registry: string | undefined
  page: string | undefined
  /** By path: every metadata file that there is. */
  metadata: ReadonlyMap<string, string>
}

/** A file that is not as the releases want it. */
export interface MadeFile {
  path: string
  /** As it should be; undefined: it should not be there, or it cannot be made, which `error` tells. */
  text: string | undefined
  /** What is wrong with it as it is. */
  problems: readonly FileProblem[]
  error?: ArtError
}

/** What is known of a training beside the record: for a file that is new. */
export type MoreTraining = (record: ReleaseRecord) => Promise<YamlMap>

/** The files of a repository's releases that are not as they should be, and how they should be: docs/formats.md. */
export async function makeFiles(
  records: readonly ReleaseRecord[],
  current: CurrentFiles,
  isGone: IsGone,
  moreOf?: MoreTraining,
): Promise<MadeFile[]> {
  return [
    ...makeRegistry(records, current, isGone),
    ...attempt(MODELS_PAGE, () => renderPage(records, current.page, isGone)),
    ...(await makeMetadata(records, current, isGone, moreOf)),
  ]
}

/** `models/registry.json` alone: no other file says how releases stand. */
export function makeRegistry(
  records: readonly ReleaseRecord[],
  { registry }: Pick<CurrentFiles, 'registry'>,
  isGone: IsGone,
): MadeFile[] {
  return attempt(REGISTRY_FILE, () => renderRegistry(records, registry, isGone))
}

function attempt(path: string, render: () => Rendered): MadeFile[] {
  try {
    const { text, problems } = render()
    return problems.length === 0 ? [] : [{ path, text, problems }]
  } catch (error) {
    return [failed(path, error)]
  }
}

async function makeMetadata(
  records: readonly ReleaseRecord[],
  { metadata }: CurrentFiles,
  isGone: IsGone,
  moreOf: MoreTraining | undefined,
): Promise<MadeFile[]> {
  const made: MadeFile[] = []
  const standing = new Set<string>()
  for (const record of records) {
    const path = metadataPath(record.model, record.version)
    standing.add(path)
    try {
      const previous = metadata.get(path)
      const problems = await metadataProblems(record, previous)
      if (problems.length === 0) continue
      const more = previous === undefined ? await moreOf?.(record) : undefined
      made.push({ path, text: await renderMetadata(record, previous, more), problems })
    } catch (error) {
      made.push(failed(path, error))
    }
  }
  for (const [path, text] of metadata) {
    const of = standing.has(path) ? undefined : releaseOfPath(path)
    if (of === undefined || !isGone(of.model, of.version) || !(await isOwnMetadata(text, path))) continue
    const release = releaseName(of.model, of.version)
    made.push({
      path,
      text: undefined,
      problems: [{ kind: 'gone', release, message: 'it has a metadata file, and no tag' }],
    })
  }
  return made
}

async function metadataProblems(record: ReleaseRecord, text: string | undefined): Promise<FileProblem[]> {
  const release = releaseName(record.model, record.version)
  if (text === undefined) return [{ kind: 'missing', release, message: 'it has no metadata file' }]
  const wrong = await metadataDisagreements(record, text)
  if (wrong.length === 0) return []
  const shown = wrong.slice(0, 3).map(({ key, found, expected }) => {
    if (found === undefined) return `${key} is missing`
    return `${key} is ${shorten(found)}, and should be ${shorten(expected)}`
  })
  const more = wrong.length > 3 ? [`and ${wrong.length - 3} more`] : []
  return [{ kind: 'wrong', release, message: [...shown, ...more].join('; ') }]
}

function shorten(value: unknown): string {
  const text = value instanceof Map ? 'a section' : typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}

function failed(path: string, error: unknown): MadeFile {
  if (!isArtError(error)) throw error
  return { path, text: undefined, problems: [{ kind: 'wrong', message: error.message }], error }
}
