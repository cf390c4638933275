import { resolve } from 'node:path'
import { ArtError } from '@art/core'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import { type Config, loadConfig } from '../config/config.ts'
import type { ExportOptions, ExportResult } from '../model-api.ts'
import type { Content } from '../model/content.ts'
import { findBytes, type Model } from '../model/find.ts'
import { releasedName } from '../model/released-name.ts'
import { gitIgnores } from '../model/ignored.ts'
import { noModel } from '../model/no-model.ts'
import { noWeights, openWeights } from '../model/open-weights.ts'
import { type RemoteContents, withRemoteContents } from '../model/remote.ts'
import { outputPath } from '../model/output-path.ts'
import { saveWeights } from '../model/save-weights.ts'
import { modelSettings } from '../model/settings.ts'
import { typedPath } from '../target/path.ts'
import { findRoot, openRepo, realFolder } from '../open.ts'
import { type Session, withSession } from '../workspace/session.ts'

/**
 * Writes the weights of a model as a safetensors file: its state dict under its own names, byte for byte, with what the file says of itself as texts.
 * Without Python, and nothing in the file is run. Of content that is not on this machine only the weights are read from the remote.
 */
export async function exportModel(name: string, options: ExportOptions): Promise<ExportResult> {
  const { environment = process.env } = options
  const cwd = realFolder(options.cwd)
  if (findRoot(cwd) === undefined) {
    const config = await loadConfig({ cwd, environment })
    return await exportOne(name, { session: undefined, remote: undefined, cwd, config }, options)
  }
  const repo = await openRepo({ cwd, environment })
  for (const message of repo.config.warnings) options.onEvent?.({ type: 'warning', message })
  return await withSession(repo, options, (session) =>
    withRemoteContents(session, { ...options, much: true }, (remote) =>
      exportOne(name, { session, remote, cwd, config: repo.config }, options),
    ),
  )
}

interface Place {
  session: Session | undefined
  remote: RemoteContents | undefined
  cwd: string
  config: Config
}

async function exportOne(name: string, place: Place, options: ExportOptions): Promise<ExportResult> {
  const { session, remote, cwd } = place
  const model = await findBytes(session, cwd, name)
  const source = isPointerPath(name) && session !== undefined ? dataPathFor(name) : name
  const content = await model.open(remote)
  if (content === undefined) throw noModel(model, source)
  try {
    return await exportContent(content, source, besideOf(model, session) ?? source, place, options)
  } finally {
    await content.close()
  }
}

/** Of a release: a file beside the artifact that bears its version. */
function besideOf({ release, path }: Model, session: Session | undefined): string | undefined {
  if (session === undefined || release === undefined || path === undefined) return undefined
  return typedPath(session.repo, releasedName(path, release))
}

async function exportContent(
  content: Content,
  source: string,
  beside: string,
  { session, cwd, config }: Place,
  options: ExportOptions,
): Promise<ExportResult> {
  const { onEvent, force, signal } = options
  const path = outputPath(cwd, beside, options.output, '.safetensors')
  if (resolve(cwd, path) === resolve(cwd, source)) {
    throw new ArtError('USAGE', 'the export would replace the file itself', {
      path,
      hint: 'Name another file with -o.',
    })
  }
  const weights = await openWeights(content, source, { signal, ...modelSettings(config) })
  if (weights === undefined) throw noWeights(source)
  try {
    for (const message of weights.warnings) onEvent?.({ type: 'warning', message, path: source })
    const saved = await saveWeights(resolve(cwd, path), weights, {
      signal,
      onEvent,
      force,
      name: path,
      staging: session?.repo.tmpDir,
      phase: content.remote === undefined ? 'export' : 'download',
    })
    const ignored = session && (await gitIgnores(session.repo, resolve(cwd, path)))
    const { format, size, tensors, parameters } = weights
    return {
      source,
      from: format,
      path,
      format: 'safetensors',
      state: saved.state,
      size,
      tensors,
      parameters,
      weights: `sha256:${saved.weights}`,
      transferred: content.remote?.received.transferred ?? 0,
      ...(ignored === undefined ? {} : { ignored }),
    }
  } finally {
    await weights.close()
  }
}
