import { ArtError } from '@art/core'
import type { Client } from './client.ts'
import { findOrMake } from './find-or-make.ts'
import { fieldOf, type Json, listOf, pairsOf, textOf } from './json.ts'
import { filterOf, pairs } from './run.ts'
import { shownAddress } from './server.ts'

/** A registered model: a name, versions, and aliases of versions. */
export interface RegisteredModel {
  name: string
  description: string | undefined
  tags: Map<string, string>
  /** Of an alias the version. */
  aliases: Map<string, string>
}

export interface ModelVersion {
  name: string
  /** A whole number, counted by the server. */
  version: string
  source: string | undefined
  run: string | undefined
  status: string | undefined
  description: string | undefined
  /** Milliseconds since 1970. */
  created: number | undefined
  tags: Map<string, string>
}

const PAGE = 100

/** More would be no registry that a person has filled. */
const MAX_LISTED = 20_000

export async function getModel(client: Client, name: string): Promise<RegisteredModel | undefined> {
  const answer = await client.call({
    path: 'api/2.0/mlflow/registered-models/get',
    query: { name },
    what: 'tell about a registered model',
    unless: ['RESOURCE_DOES_NOT_EXIST'],
  })
  return answer === undefined ? undefined : modelFrom(fieldOf(answer, 'registered_model'))
}

/** Every registered model; prompts, which MLflow keeps among them, are left out. */
export async function* listModels(client: Client): AsyncGenerator<RegisteredModel> {
  for await (const json of listed(client, 'registered-models/search', 'registered_models', {})) {
    const model = modelFrom(json)
    if (model !== undefined && model.tags.get('mlflow.prompt.is_prompt') !== 'true') yield model
  }
}

/** Every version of a model, the oldest first. */
export async function versionsOf(client: Client, name: string): Promise<ModelVersion[]> {
  const versions: ModelVersion[] = []
  for await (const json of listed(client, 'model-versions/search', 'model_versions', { filter: nameFilter(name) })) {
    const version = versionFrom(json)
    if (version?.name === name) versions.push(version)
  }
  return versions.sort((a, b) => Number(a.version) - Number(b.version))
}

async function* listed(client: Client, path: string, key: string, query: Record<string, string>): AsyncGenerator {
  const seen = new Set<string>()
  let count = 0
  for (let token: string | undefined = ''; token !== undefined; ) {
    const answer: Json = await client.call({
      path: `api/2.0/mlflow/${path}`,
      query: { ...query, max_results: String(PAGE), ...(token === '' ? {} : { page_token: token }) },
      what: 'list models',
    })
    const items = listOf(answer, key)
    yield* items
    count += items.length
    token = textOf(answer, 'next_page_token') || undefined
    if (token === undefined) return
    if (seen.has(token) || count > MAX_LISTED || items.length === 0) {
      throw new ArtError('REMOTE_REFUSED', `MLflow's list of models does not end (${count} so far)`, {
        path: shownAddress(client.server),
        hint: 'Name the models that you want.',
      })
    }
    seen.add(token)
  }
}

/** Makes the registered model where it is not there yet. */
export async function ensureModel(client: Client, name: string, description?: string): Promise<void> {
  await client.call({
    path: 'api/2.0/mlflow/registered-models/create',
    body: { name, ...(description === undefined ? {} : { description }) },
    what: 'make a registered model',
    unless: ['RESOURCE_ALREADY_EXISTS'],
  })
}

/** Every version that has the tags in `known`, the lowest number first. */
export async function findVersions(
  client: Client,
  name: string,
  known: ReadonlyMap<string, string>,
): Promise<ModelVersion[]> {
  const answer = await client.call({
    path: 'api/2.0/mlflow/model-versions/search',
    query: {
      filter: `${nameFilter(name)} and ${filterOf(known)}`,
      order_by: 'version_number ASC',
      max_results: String(PAGE),
    },
    what: 'look for a model version',
  })
  const found = listOf(answer, 'model_versions').map(versionFrom)
  return found.filter((one) => one !== undefined).sort((a, b) => Number(a.version) - Number(b.version))
}

/** The first version that has the tags in `known`; it is made, with all of `tags`, where there is none. */
export async function ensureVersion(
  client: Client,
  wanted: {
    name: string
    source: string
    run: string
    description: string | undefined
    tags: ReadonlyMap<string, string>
  },
  known: ReadonlyMap<string, string>,
): Promise<ModelVersion> {
  const { name, source, run, description, tags } = wanted
  return await findOrMake(
    client,
    async () => (await findVersions(client, name, known))[0],
    async () => {
      const answer = await client.call({
        path: 'api/2.0/mlflow/model-versions/create',
        // JSON has no undefined: a description that there is not is left out.
        body: { name, source, run_id: run, tags: pairs(tags), description },
        what: 'make a model version',
        once: true,
      })
      return versionFrom(fieldOf(answer, 'model_version'))
    },
  )
}

export async function deleteVersion(client: Client, { name, version }: ModelVersion): Promise<void> {
  await client.call({
    method: 'DELETE',
    path: 'api/2.0/mlflow/model-versions/delete',
    body: { name, version },
    what: 'delete a model version',
    unless: ['RESOURCE_DOES_NOT_EXIST'],
  })
}

export async function setVersionTag(
  client: Client,
  { name, version }: ModelVersion,
  key: string,
  value: string,
): Promise<void> {
  const body = { name, version, key, value }
  await client.call({ path: 'api/2.0/mlflow/model-versions/set-tag', body, what: 'set a tag of a model version' })
}

export async function setModelTag(client: Client, name: string, key: string, value: string): Promise<void> {
  const body = { name, key, value }
  await client.call({ path: 'api/2.0/mlflow/registered-models/set-tag', body, what: 'set a tag of a model' })
}

export async function setAlias(client: Client, name: string, alias: string, version: string): Promise<void> {
  const body = { name, alias, version }
  await client.call({ path: 'api/2.0/mlflow/registered-models/alias', body, what: 'set an alias' })
}

export async function deleteAlias(client: Client, name: string, alias: string): Promise<void> {
  await client.call({
    method: 'DELETE',
    path: 'api/2.0/mlflow/registered-models/alias',
    body: { name, alias },
    what: 'take an alias away',
    unless: ['RESOURCE_DOES_NOT_EXIST'],
  })
}

/** Where a version's files are. */
export async function downloadUri(client: Client, { name, version }: ModelVersion): Promise<string | undefined> {
  const answer = await client.call({
    path: 'api/2.0/mlflow/model-versions/get-download-uri',
    query: { name, version },
    what: 'tell where a model version is',
  })
  return textOf(answer, 'artifact_uri')
}

/** Names cannot be escaped in MLflow's filters: the kind of quote that a name lacks is used. */
function nameFilter(name: string): string {
  return name.includes("'") ? `name="${name.replaceAll('"', '')}"` : `name='${name}'`
}

function modelFrom(json: Json): RegisteredModel | undefined {
  const name = textOf(json, 'name')
  if (name === undefined) return undefined
  const aliases = new Map<string, string>()
  for (const item of listOf(json, 'aliases')) {
    const [alias, version] = [textOf(item, 'alias'), textOf(item, 'version')]
    if (alias !== undefined && version !== undefined) aliases.set(alias, version)
  }
  return { name, aliases, description: textOf(json, 'description') || undefined, tags: pairsOf(json, 'tags') }
}

function versionFrom(json: Json): ModelVersion | undefined {
  const name = textOf(json, 'name')
  const version = textOf(json, 'version')
  if (name === undefined || version === undefined || !/^\d{1,9}$/.test(version)) return undefined
  return {
    name,
    version,
    source: textOf(json, 'source') || undefined,
    run: textOf(json, 'run_id') || undefined,
    status: textOf(json, 'status'),
    description: textOf(json, 'description') || undefined,
    created: Number(textOf(json, 'creation_timestamp')) || undefined,
    tags: pairsOf(json, 'tags'),
  }
}
