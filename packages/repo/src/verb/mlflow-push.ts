import { ArtError, isArtError } from '@art/core'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { aliasOf, registeredName } from '@art/registry/mlflow/names.ts'
import { releaseRun } from '@art/registry/mlflow/release-run.ts'
import { openMlflow } from '../mlflow/open.ts'
import { applyAliases, planAliases } from '../mlflow/push-aliases.ts'
import type { PushPlace } from '../mlflow/fill-run.ts'
import { previewRelease, pushRelease } from '../mlflow/push-release.ts'
import { wantedReleases } from '../mlflow/wanted-releases.ts'
import type { Repo } from '../open.ts'
import { openRegistry } from '../registry/open.ts'
import { records } from '../registry/records.ts'
import type { MlflowPushOptions, MlflowPushResult, MlflowRelease } from '../mlflow-api.ts'
import { failureOf } from '../target/find.ts'
import { withSession } from '../workspace/session.ts'

/** What is wrong with the server as a whole: the next release would fare no better. */
const OF_THE_SERVER = ['REMOTE_UNAVAILABLE', 'REMOTE_AUTH', 'TIMEOUT', 'INTERRUPTED'] as const

/**
 * Shows releases to an MLflow server: each as a run with params and metrics, and as a version of a registered model, with an alias for each of its
 * stages. What is there is found again by its tags, so that a second run changes nothing and one that was cut short is gone on with.
 */
export async function mlflowPush(
  repo: Repo,
  names: readonly string[],
  options: MlflowPushOptions = {},
): Promise<MlflowPushResult> {
  const { client, server } = await openMlflow(repo, options)
  const registry = await openRegistry(repo)
  const all = await records(repo, registry, { signal: options.signal })
  const { wanted, failed } = wantedReleases(registry, all, names)
  const result: MlflowPushResult = { server, releases: [], unaliased: [], failed }
  if (options.dryRun) result.dryRun = true
  await withSession(repo, options, async (session) => {
    const place: PushPlace = { client, session, options, turn: '', experiments: new Map(), unsent: new Map() }
    for (const [at, record] of wanted.entries()) {
      options.signal?.throwIfAborted()
      if (wanted.length > 1) place.turn = `${at + 1} of ${wanted.length}`
      const run = releaseRun(record, { repo: repo.repoId, experiment: options.experiment })
      try {
        result.releases.push(await (options.dryRun ? previewRelease : pushRelease)(place, record, run))
      } catch (error) {
        if (options.signal?.aborted || OF_THE_SERVER.some((code) => isArtError(error, code))) throw error
        result.failed.push(failureOf(error, `${record.model}@v${record.version}`))
      }
    }
    tellUnsent(place, result)
    for (const model of new Set(wanted.map((record) => record.model))) {
      await aliasesOf(place, model, all, result)
    }
  })
  return result
}

/** By reference the tags say enough; who asked for the bytes to be there must hear that they are not. */
function tellUnsent({ session, options, unsent }: PushPlace, { failed }: MlflowPushResult): void {
  const hint = 'Start the server with --artifacts-destination before the first push: an experiment keeps its place.'
  const told = (whose: string, where: string): string =>
    `MLflow keeps the artifacts of ${whose} in ${where} and passes nothing on, so no file is sent: their tags name the oid`
  if (options.artifact === 'file') {
    for (const [run, where] of unsent) {
      failed.push(failureOf(new ArtError('REMOTE_FEATURE', told(run, where), { hint }), run))
    }
    return
  }
  const [first] = unsent
  if (first === undefined) return
  // One for all: it is how the server was started.
  const message = told(unsent.size === 1 ? first[0] : `${unsent.size} versions`, first[1])
  session.options.onEvent?.({ type: 'warning', message: `${message}. ${hint}` })
}

async function aliasesOf(
  { client, session, options }: PushPlace,
  model: string,
  all: readonly ReleaseRecord[],
  result: MlflowPushResult,
): Promise<void> {
  const own = all.filter((record) => record.model === model)
  const releases = result.releases.filter((release) => release.model === model)
  const name = registeredName(model)
  const planned = await planAliases(client, own, releases, session.repo.repoId)
  for (const release of releases) {
    const { stages = [] } = own.find(({ tag }) => tag === release.tag) ?? {}
    release.aliases = [...new Set(stages.map(aliasOf))]
    markMoved(release, planned.plan.set)
  }
  result.unaliased.push(...planned.plan.remove.map((alias) => `${name}@${alias}`))
  if (!options.dryRun) await applyAliases(client, name, planned)
}

function markMoved(release: MlflowRelease, set: ReadonlyMap<string, string>): void {
  if (release.state === 'unchanged' && release.aliases.some((alias) => set.has(alias))) release.state = 'updated'
}
