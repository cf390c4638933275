import { ArtError, type CallOptions, fromSystemError } from '@art/core'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import { type Client, mlflowClient } from '@art/registry/mlflow/client.ts'
import { partSizes } from '@art/registry/mlflow/multipart.ts'
import { MLFLOW_VARIABLES, shownAddress, type TlsSettings, trackingServer } from '@art/registry/mlflow/server.ts'
import type { Repo } from '../open.ts'
import { isOwnLevel } from '../trust/own-level.ts'
import { refuseStrangeServer } from '../trust/endpoint.ts'

/** Larger than every bundle of authorities in use. */
const MAX_CERTIFICATES = 4 << 20

/**
 * The server that is meant, with the credentials of MLflow's own variables: what was typed, else MLFLOW_TRACKING_URI, else the setting `mlflow.uri`. One
 * that only the committed configuration names must have been approved. Fails with `USAGE` where none is named, and with `CONFIG_INVALID`.
 */
export async function openMlflow(
  repo: Repo,
  { uri, signal, onEvent }: CallOptions & { uri?: string },
): Promise<{ client: Client; server: string }> {
  const { environment } = repo
  const server = trackingServer(addressOf(repo, uri), environment, tlsOf(environment))
  const seconds = Number(environment[MLFLOW_VARIABLES.timeout])
  const patience = seconds > 0 ? { answer: seconds * 1000 } : {}
  const parts = partSizes(environment)
  return { client: await mlflowClient(server, { signal, onEvent, patience, parts }), server: shownAddress(server) }
}

function addressOf(repo: Repo, uri: string | undefined): string {
  const named = uri ?? repo.environment[MLFLOW_VARIABLES.uri]
  if (named) return named
  const entry = repo.config.entry('mlflow.uri')
  if (entry === undefined || entry.value === '') {
    throw new ArtError('USAGE', 'no MLflow server is named', {
      hint: `Set ${MLFLOW_VARIABLES.uri}, or run \`art config mlflow.uri http://host:5000\`, or use --uri.`,
    })
  }
  if (!isOwnLevel(repo, entry.level)) refuseStrangeServer(repo, entry.value, 'your MLflow credentials and figures')
  return entry.value
}

function tlsOf(environment: NodeJS.ProcessEnv): TlsSettings {
  const insecure = /^(?:true|1)$/i.test(environment[MLFLOW_VARIABLES.insecure] ?? '')
  const path = environment[MLFLOW_VARIABLES.certificate]
  if (!path) return insecure ? { insecure } : {}
  try {
    const file = { max: MAX_CERTIFICATES, what: 'the file of certificates', path, follow: true } as const
    return { insecure, ca: readPlainFile(path, file).toString('utf8') }
  } catch (error) {
    throw fromSystemError(error, path)
  }
}
