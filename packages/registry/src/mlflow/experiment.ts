import { ArtError } from '@art/core'
import type { Client } from './client.ts'
import { findOrMake } from './find-or-make.ts'
import { textOf } from './json.ts'
import { shownAddress } from './server.ts'

/** MLflow refuses longer names: `mlflow/utils/validation.py`. */
const MAX_NAME = 500

/** Id of the experiment of a name; undefined where there is none. Fails with `REMOTE_REFUSED` for one that was deleted. */
export async function findExperiment(client: Client, name: string): Promise<string | undefined> {
  const answer = await client.call({
    path: 'api/2.0/mlflow/experiments/get-by-name',
    query: { experiment_name: name },
    what: 'tell about an experiment',
    unless: ['RESOURCE_DOES_NOT_EXIST'],
  })
  if (answer === undefined) return undefined
  const id = textOf(answer, 'experiment', 'experiment_id')
  if (id === undefined) {
    throw new ArtError('REMOTE_UNAVAILABLE', 'what answers here is no MLflow server: it tells no experiment', {
      path: shownAddress(client.server),
      hint: 'Check the address: port and path prefix.',
    })
  }
  if (textOf(answer, 'experiment', 'lifecycle_stage') !== 'deleted') return id
  throw new ArtError('REMOTE_REFUSED', 'the experiment was deleted, and MLflow keeps its name', {
    path: name,
    hint: `Run \`mlflow experiments restore --experiment-id ${id}\`, or choose another with --experiment.`,
  })
}

/** Name of the experiment of an id. */
export async function experimentName(client: Client, id: string): Promise<string | undefined> {
  const answer = await client.call({
    path: 'api/2.0/mlflow/experiments/get',
    query: { experiment_id: id },
    what: 'tell about an experiment',
    unless: ['RESOURCE_DOES_NOT_EXIST'],
  })
  return textOf(answer, 'experiment', 'name')
}

/** Id of the experiment of a name, which is made where there is none. */
export async function ensureExperiment(client: Client, name: string): Promise<string> {
  if (name.length > MAX_NAME || name.trim() === '') {
    throw new ArtError('USAGE', `this cannot be the name of an experiment`, {
      path: name.slice(0, 80),
      hint: `Use 1 to ${MAX_NAME} characters.`,
    })
  }
  return await findOrMake(
    client,
    () => findExperiment(client, name),
    async () => {
      const made = await client.call({
        path: 'api/2.0/mlflow/experiments/create',
        body: { name },
        what: 'make an experiment',
        once: true,
        // Somebody was faster.
        unless: ['RESOURCE_ALREADY_EXISTS'],
      })
      return textOf(made, 'experiment_id') ?? (await findExperiment(client, name))
    },
  )
}
