import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import { aliasOf, registeredName } from '@art/registry/mlflow/names.ts'
import {
  deleteAlias,
  findVersions,
  getModel,
  setAlias,
  setModelTag,
  type RegisteredModel,
} from '@art/registry/mlflow/registered-model.ts'
import { releaseRun } from '@art/registry/mlflow/release-run.ts'
import type { MlflowRelease } from '../mlflow-api.ts'

/** Of a registered model: the aliases that art has made of stages, so that it takes away no other. */
const OURS_TAG = 'art.aliases'

export interface AliasPlan {
  /** Of an alias the version of MLflow's that gets it. */
  set: Map<string, string>
  remove: string[]
  /** Every alias that is a stage's then. */
  ours: string[]
}

/**
 * What must change so that the aliases of a model are its stages. A stage whose release MLflow has not yet is left out; aliases that people have made
 * stay, unless a stage has their name.
 */
export async function planAliases(
  client: Client,
  records: readonly ReleaseRecord[],
  releases: readonly MlflowRelease[],
  repo: string,
): Promise<{ plan: AliasPlan; model: RegisteredModel | undefined }> {
  const name = registeredName(records[0]!.model)
  const model = await getModel(client, name)
  const wanted = new Map<string, string>()
  for (const record of records) {
    const aliases = record.stages.map(aliasOf).filter((alias) => !wanted.has(alias))
    if (aliases.length === 0) continue
    const known = releases.find(({ tag }) => tag === record.tag)?.registered.version
    const version =
      known ?? (model && (await findVersions(client, name, releaseRun(record, { repo }).known))[0]?.version)
    if (version !== undefined) for (const alias of aliases) wanted.set(alias, version)
  }
  const stages = new Set(records.flatMap((record) => record.stages.map(aliasOf)))
  const before = model?.tags.get(OURS_TAG)?.split(',').filter(Boolean) ?? []
  const plan = {
    set: new Map([...wanted].filter(([alias, version]) => model?.aliases.get(alias) !== version)),
    remove: before.filter((alias) => !stages.has(alias) && model?.aliases.has(alias)),
    ours: [...wanted.keys()].sort(),
  }
  return { plan, model }
}

/** Notes what will be art's before it is made: whoever is cut short in between can still take it away. */
export async function applyAliases(
  client: Client,
  name: string,
  { plan, model }: Awaited<ReturnType<typeof planAliases>>,
): Promise<void> {
  const note = async (aliases: readonly string[], before: string | undefined): Promise<void> => {
    const text = [...new Set(aliases)].sort().join(',')
    if (text !== (before ?? '')) await setModelTag(client, name, OURS_TAG, text)
  }
  const before = model?.tags.get(OURS_TAG)
  const during = [...plan.ours, ...plan.remove]
  await note(during, before)
  for (const [alias, version] of plan.set) await setAlias(client, name, alias, version)
  for (const alias of plan.remove) await deleteAlias(client, name, alias)
  if (plan.remove.length > 0) await note(plan.ours, during.join(','))
}
