import { lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, extname, join, posix } from 'node:path'
import { ArtError } from '@art/core'
import { stagingFolder, stagingPath } from '@art/core/checkout/staging.ts'
import { POINTER_SUFFIX, pointerPathFor } from '@art/core/pointer/name.ts'
import { type AdoptedFacts, factsFrom } from '@art/registry/mlflow/adoption.ts'
import { listArtifacts, proxiedPath } from '@art/registry/mlflow/artifact.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import type { Repo } from '../open.ts'
import type { MlflowAdopted, MlflowPullOptions } from '../mlflow-api.ts'
import { assertInside } from '../target/path.ts'
import { addArtifacts } from '../workspace/add-artifacts.ts'
import type { Adoptable } from './adoptable.ts'
import { adoptReference } from './adopt-reference.ts'
import { downloadAll, ensureRoom, filesBelow, joined, type RemoteFile } from './download.ts'
import { sameContent } from './same-content.ts'

/** Where a version's files are on the server, and which of them are the model. */
interface Content {
  /** The folder that is asked for. */
  root: string
  files: RemoteFile[]
  /** The one file that is the model, or a folder; undefined: all of it is, as a folder. */
  single: RemoteFile | undefined
}

export interface Adopting {
  client: Client
  repo: Repo
  options: MlflowPullOptions
  /** What the model is called here. */
  model: string
  dir: string
}

/** Makes something of MLflow's an artifact: downloads it, adds it, and writes what MLflow knows of it into its pointer. */
export async function adoptVersion(
  { client, repo, options, model, dir }: Adopting,
  wanted: Adoptable,
  aliases: readonly string[],
): Promise<{ adopted: MlflowAdopted; gitPaths: string[] }> {
  const { version, tags, label } = wanted
  const stem = joined(dir, `${model.replaceAll('/', '.')}_v${version}`)
  const result = { ...wanted.shown, model, version, aliases: [...aliases] }
  const isReference = tags.get('art.artifact') === 'reference'
  const name = posix.basename(tags.get('art.path') ?? '')
  const content = await contentOf(client, await wanted.uri(), name, isReference)
  const { facts, leftOut } = factsFrom(wanted.origin, { description: wanted.description, run: await wanted.run() })
  if (leftOut > 0) {
    const message = `a pointer has no room for ${leftOut} of the figures of ${label}, or cannot write them`
    options.onEvent?.({ type: 'warning', message })
  }
  if (isReference) {
    const path = stem + extension(name)
    if (options.dryRun) return { adopted: { ...result, path, state: 'reference' }, gitPaths: [] }
    const place = { client, repo, path, facts, oid: tags.get('art.oid') }
    return { adopted: { ...result, path, ...(await adoptReference(place, content)) }, gitPaths: [pointerPathFor(path)] }
  }
  const path = stem + (content.single === undefined ? '' : extension(content.single.path))
  if (options.dryRun) return { adopted: { ...result, path, state: 'adopted' }, gitPaths: [] }
  await bring(client, repo, content, { path, label }, options)
  const { added, gitPaths } = await addWith(repo, path, facts, options)
  return { adopted: { ...result, path, ...added, state: 'adopted' }, gitPaths }
}

/** `name`: of what art has pushed, beside which its pointer lies. */
async function contentOf(
  client: Client,
  uri: string | undefined,
  name: string,
  isReference: boolean,
): Promise<Content> {
  const root = uri === undefined ? undefined : await proxiedPath(client, uri)
  if (root === undefined) {
    const where = (uri ?? 'no place').replace(/\/\/[^/@]*@/, '//').slice(0, 200)
    throw new ArtError('UNSUPPORTED', `its files are in ${where}, which the MLflow server does not pass on`, {
      hint: 'Start the server with --artifacts-destination, or bring the files here and `art add` them.',
    })
  }
  const folder = root.slice(0, Math.max(root.lastIndexOf('/'), 0))
  const self = (await listArtifacts(client, folder)).find((entry) => joined(folder, entry.name) === root)
  if (self !== undefined && !self.isFolder) {
    const file = { path: self.name, size: self.size }
    return { root: folder, files: [file], single: file }
  }
  const wanted = isReference ? `${name}${POINTER_SUFFIX}` : name
  const pushed = name === '' ? undefined : (await listArtifacts(client, root)).find((entry) => entry.name === wanted)
  if (pushed !== undefined && !pushed.isFolder) {
    const file = { path: pushed.name, size: pushed.size }
    return { root, files: [file], single: file }
  }
  const place = pushed === undefined ? root : joined(root, wanted)
  const files = await filesBelow(client, place)
  if (files.length === 0) throw new ArtError('REMOTE_REFUSED', 'MLflow has no files of it', { path: root })
  const isAlone = pushed === undefined && files.length === 1 && !files[0]!.path.includes('/')
  return { root: place, files, single: isAlone ? files[0] : undefined }
}

/** At its final path when it is complete. What lies there already must be the same: a command may have been cut short before it was added. */
async function bring(
  client: Client,
  repo: Repo,
  { root, files, single }: Content,
  { path, label }: { path: string; label: string },
  options: MlflowPullOptions,
): Promise<void> {
  assertInside(repo, path)
  const target = join(repo.root, path)
  mkdirSync(dirname(target), { recursive: true })
  const staging = stagingPath(stagingFolder(dirname(target), repo.tmpDir))
  try {
    mkdirSync(staging)
    ensureRoom(staging, files)
    await downloadAll(client, { root, files, name: label }, staging, options)
    const whole = single === undefined ? staging : join(staging, single.path)
    if (lstatSync(target, { throwIfNoEntry: false }) === undefined) {
      renameSync(whole, target)
      return
    }
    if (sameContent(whole, target)) return
    throw new ArtError('WOULD_OVERWRITE', 'something else lies where the model version would go', {
      path,
      hint: 'Move it away, or choose another folder with --dir.',
    })
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

async function addWith(
  repo: Repo,
  path: string,
  facts: AdoptedFacts,
  { signal, onEvent }: MlflowPullOptions,
): Promise<{ added: { oid: string; size: number }; gitPaths: string[] }> {
  const { added, failed, gitPaths } = await addArtifacts(repo, [join(repo.root, path)], { signal, onEvent, facts })
  const [failure] = failed
  if (failure !== undefined)
    throw new ArtError(failure.code, failure.message, { path: failure.path, hint: failure.hint })
  const { oid, size } = added[0]!
  return { added: { oid, size }, gitPaths }
}

/** Of a name from a server: none where it is not a plain one. */
function extension(path: string): string {
  const found = extname(basename(path))
  return /^\.[A-Za-z0-9_]{1,20}$/.test(found) && found !== POINTER_SUFFIX ? found : ''
}
