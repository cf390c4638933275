import { present } from '@art/checkpoint/present.ts'
import { ArtError } from '@art/core'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import { dataPathFor, isPointerPath, pointerPathFor } from '@art/core/pointer/name.ts'
import type { MadeFacts } from '../api.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { type MadeProduct, makeProduct, oidOf } from '../export/make.ts'
import { type Origin, originMap } from '../export/origin.ts'
import { passedMetrics } from '../export/passed-metrics.ts'
import { findPlace, placeProduct, type ProductPlace } from '../export/product.ts'
import { findPython } from '../export/python.ts'
import { type ProgramRequest, programRequest } from '../export/request.ts'
import { withWorkFolder } from '../export/work-folder.ts'
import type { Content } from '../model/content.ts'
import { findModel, type Model } from '../model/find.ts'
import { noModel } from '../model/no-model.ts'
import { noWeights, openWeights, type OpenWeights } from '../model/open-weights.ts'
import { type RemoteContents, withRemoteContents } from '../model/remote.ts'
import { outputPath } from '../model/output-path.ts'
import { releasedName } from '../model/released-name.ts'
import { modelSettings } from '../model/settings.ts'
import { findRoot, openRepo, realFolder, type Repo } from '../open.ts'
import type { ExportedProgram, ExportProgramOptions } from '../program-api.ts'
import { typedPath } from '../target/path.ts'
import { type Session, withSession } from '../workspace/session.ts'
import { addArtifacts } from '../workspace/add-artifacts.ts'

interface Place {
  session: Session | undefined
  remote: RemoteContents | undefined
  cwd: string
  config: Config
  environment: NodeJS.ProcessEnv
}

/**
 * Exports a model as TorchScript or ONNX: the user's Python makes it by the user's code, gives it the weights, exports it and compares outputs. What
 * computes the same is added, with its origin in its pointer. Fails with nothing left: as what was typed (`USAGE`), the place, Python and the
 * comparison do (`NOT_FOUND`, `UNSUPPORTED`, `TIMEOUT`, `IO`).
 */
export async function exportProgram(name: string, options: ExportProgramOptions): Promise<ExportedProgram> {
  const { environment = process.env, onEvent } = options
  const request = programRequest(options)
  const cwd = realFolder(options.cwd)
  if (findRoot(cwd) === undefined) {
    const config = await loadConfig({ cwd, environment })
    return await exportOne(name, request, { session: undefined, remote: undefined, cwd, config, environment }, options)
  }
  const repo = await openRepo({ cwd, environment })
  for (const message of repo.config.warnings) onEvent?.({ type: 'warning', message })
  return await withSession(repo, options, (session) =>
    withRemoteContents(session, { ...options, much: true }, (remote) =>
      exportOne(name, request, { session, remote, cwd, config: repo.config, environment }, options),
    ),
  )
}

async function exportOne(
  name: string,
  request: ProgramRequest,
  place: Place,
  options: ExportProgramOptions,
): Promise<ExportedProgram> {
  const { session, remote, cwd, environment } = place
  const model = await findModel(session, cwd, name)
  const source = isPointerPath(name) && session !== undefined ? dataPathFor(name) : name
  const beside = session === undefined ? source : besideOf(model, session.repo, source)
  const output = outputPath(cwd, beside, options.output, request.format === 'onnx' ? '.onnx' : '.torchscript.pt')
  const target = await findPlace(session, cwd, output, options.force ?? false)
  const python = await findPython(options.python, { cwd, environment, repo: session?.repo })
  const content = await model.open(remote)
  if (content === undefined) throw noModel(model, source)
  try {
    const weights = await openWeights(content, source, { signal: options.signal, ...modelSettings(place.config) })
    if (weights === undefined) throw noWeights(source)
    try {
      const opened = { model, source, content, weights, target, python: python.executable }
      return await withWorkFolder(session?.repo.tmpDir, (folder) =>
        exportOpened(folder, opened, request, place, options),
      )
    } finally {
      await weights.close()
    }
  } finally {
    await content.close()
  }
}

/** The artifact, of a release under a name that bears its version. */
function besideOf({ path, release }: Model, repo: Repo, source: string): string {
  if (path === undefined) return source
  return typedPath(repo, release === undefined ? path : releasedName(path, release))
}

interface Opened {
  model: Model
  source: string
  content: Content
  weights: OpenWeights
  target: ProductPlace
  python: string
}

async function exportOpened(
  folder: string,
  { model, source, content, weights, target, python }: Opened,
  request: ProgramRequest,
  { session, cwd, environment }: Place,
  options: ExportProgramOptions,
): Promise<ExportedProgram> {
  const { signal, onEvent, force = false } = options
  for (const message of weights.warnings) onEvent?.({ type: 'warning', message, path: source })
  const roots = session === undefined ? [] : [session.repo.root, session.repo.gitRoot ?? session.repo.root]
  const importFrom = [...new Set([cwd, ...roots])]
  const oid = model.pointer === undefined ? oidOf(content) : `sha256:${model.pointer.oid}`
  const made = await makeProduct(folder, weights, content, request, {
    python,
    cwd,
    importFrom,
    environment,
    source,
    signal,
    onEvent,
  })
  if (made.comparedWith === null) {
    const message =
      'the export was not compared with the model, and does not get its metrics: neither onnxruntime nor onnx is in that Python'
    onEvent?.({ type: 'warning', message, path: target.name })
  }
  const origin = originFrom(made, model, request, { oid, options })
  const placed = await placeProduct(session, target, made.product, { force, signal })
  const metrics: YamlMap = made.comparedWith === null ? new Map() : passedMetrics(model.pointer, weights.told)
  const facts = { origin: originMap(origin), metrics }
  const added = target.path === undefined ? undefined : await addProduct(session!, target, facts, placed.undo, options)
  const { maxAbsDiff, comparedWith, torch, exporter } = made
  return {
    source,
    from: weights.format,
    format: request.format,
    path: target.name,
    state: placed.state,
    size: placed.size,
    oid: placed.oid,
    weights: origin.weights,
    parameters: weights.parameters,
    own: added?.own ?? null,
    metrics: added?.metrics ?? {},
    python,
    torch,
    exporter,
    opset: request.format === 'onnx' ? request.opset : null,
    comparedWith,
    maxAbsDiff,
    tolerance: request.tolerance,
    transferred: content.remote?.received.transferred ?? 0,
    pointer: target.path === undefined ? null : pointerPathFor(target.name),
    gitPaths: added?.gitPaths ?? [],
    staged: added?.staged ?? false,
  }
}

function originFrom(
  made: MadeProduct,
  { name, path, rev, release }: Model,
  request: ProgramRequest,
  { oid, options }: { oid: string | undefined; options: ExportProgramOptions },
): Origin {
  return {
    source: path ?? name,
    ...present({ release: release?.tag ?? rev }),
    ...present({ oid }),
    weights: `sha256:${made.weights}`,
    format: request.format,
    model: request.model,
    ...(options.kwargs?.trim() ? { kwargs: options.kwargs.trim() } : {}),
    input: options.input!.join(' '),
    torch: made.torch,
    ...(request.format === 'onnx' ? { opset: request.opset } : {}),
    exporter: made.exporter,
    ...(made.comparedWith === null ? {} : { comparedWith: made.comparedWith, maxAbsDiff: made.maxAbsDiff! }),
  }
}

/** A file that cannot be added is taken away again. */
async function addProduct(
  { repo }: Session,
  { path, name }: ProductPlace,
  made: MadeFacts,
  undo: () => void,
  { signal, onEvent }: ExportProgramOptions,
): Promise<Pick<ExportedProgram, 'gitPaths' | 'staged' | 'own' | 'metrics'>> {
  try {
    const here = typedPath(repo, path!)
    const { added, failed, gitPaths, staged } = await addArtifacts(repo, [here], { signal, onEvent, made })
    const [failure] = failed
    if (failure === undefined) {
      const { checkpoint: { parameters, weights } = {}, given } = added[0]!
      const own = parameters === undefined || weights === undefined ? null : { parameters, weights }
      return { gitPaths, staged, own, metrics: given?.metrics ?? {} }
    }
    throw new ArtError(failure.code, `the export could not be added: ${failure.message}`, {
      path: name,
      hint: failure.hint,
    })
  } catch (error) {
    undo()
    throw error
  }
}
