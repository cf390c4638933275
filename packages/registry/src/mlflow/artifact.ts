import { ArtError } from '@art/core'
import type { Client } from './client.ts'
import { fieldOf, listOf, numberOf, textOf } from './json.ts'
import { multipartUpload } from './multipart.ts'
import { cleanPath, encoded } from './path.ts'
import { getRun } from './run.ts'
import { shownAddress } from './server.ts'
import type { Upload } from './transport.ts'

/** A file or folder of an artifact folder. */
export interface ArtifactEntry {
  /** Of one segment. */
  name: string
  isFolder: boolean
  /** Bytes; undefined where the server does not tell. */
  size: number | undefined
}

const PROXY = 'api/2.0/mlflow-artifacts/artifacts'

/**
 * Where an artifact URI is among what the server passes on, as a path without `/` at its ends. Undefined where it does not pass it on: it names a
 * bucket, or a folder of the server's machine. Fails with `REMOTE_REFUSED` where it leads to another server.
 */
export async function proxiedPath(client: Client, uri: string, depth = 0): Promise<string | undefined> {
  if (!URL.canParse(uri)) return undefined
  const { protocol, host, pathname } = new URL(uri)
  const { base } = client.server
  if (protocol === 'mlflow-artifacts:') {
    if (host !== '' && host !== base.host) throw elsewhere(client, host)
    return cleanPath(pathname)
  }
  if (protocol === 'http:' || protocol === 'https:') {
    if (host !== base.host) throw elsewhere(client, host)
    const below = pathname.indexOf(`/${PROXY}/`)
    return below === -1 ? undefined : cleanPath(pathname.slice(below + PROXY.length + 2))
  }
  if (depth > 0) return undefined
  const [first = '', ...rest] = cleanPath(`${host}${pathname}`).split('/')
  const root =
    protocol === 'runs:'
      ? (await getRun(client, first))?.artifactUri
      : protocol === 'models:'
        ? await loggedModelUri(client, first)
        : undefined
  const path = root === undefined ? undefined : await proxiedPath(client, root, depth + 1)
  return path === undefined ? undefined : [path, ...rest].join('/')
}

/** Of MLflow 3's logged models. Fails with `REMOTE_FEATURE` where the server is older. */
async function loggedModelUri(client: Client, id: string): Promise<string | undefined> {
  const answer = await client.call({
    path: `api/2.0/mlflow/logged-models/${encodeURIComponent(id)}`,
    what: 'tell about a logged model',
    unless: ['ENDPOINT_NOT_FOUND', 'RESOURCE_DOES_NOT_EXIST'],
  })
  const uri = textOf(answer, 'model', 'info', 'artifact_uri')
  if (uri !== undefined) return uri
  throw new ArtError('REMOTE_FEATURE', 'this MLflow server knows no logged models, or not this one', {
    path: id,
    hint: 'Logged models are of MLflow 3: ask the server that has them.',
  })
}

/** What is directly in a folder; empty where there is none. */
export async function listArtifacts(client: Client, path: string): Promise<ArtifactEntry[]> {
  const answer = await client.call({
    path: PROXY,
    query: { path },
    what: 'list artifacts',
    unless: ['RESOURCE_DOES_NOT_EXIST'],
  })
  const entries: ArtifactEntry[] = []
  for (const file of listOf(answer, 'files')) {
    const name = textOf(file, 'path')
    if (name === undefined) continue
    entries.push({ name, isFolder: fieldOf(file, 'is_dir') === true, size: numberOf(file, 'file_size') })
  }
  return entries
}

export async function downloadArtifact(
  client: Client,
  path: string,
  size: number | undefined,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  return await client.download(`${PROXY}/${encoded(path)}`, size, 'send a file')
}

/** Sends a file to where a run keeps its own: through the server, or in parts around it where it offers that. `name`: what errors call it. */
export async function uploadArtifact(client: Client, path: string, body: Upload, name = path): Promise<void> {
  if (body.size >= client.parts.from && (await multipartUpload(client, path, body))) return
  await client.upload(new URL(`${PROXY}/${encoded(path)}`, client.server.base), body, `take ${name}`)
}

function elsewhere({ server }: Client, host: string): ArtError {
  return new ArtError('REMOTE_REFUSED', `the files are on another server, ${host}, which art does not ask`, {
    path: shownAddress(server),
    hint: 'Give its address with --uri if it is the same server.',
  })
}
