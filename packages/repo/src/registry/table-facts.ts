import { existsSync } from 'node:fs'
import { cacheLayout, tensorsPath } from '@art/core/cache/layout.ts'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { trainingOf } from '@art/registry/files/training.ts'
import type { Repo } from '../open.ts'

/**
 * What the tensor table, where this machine made one, knows of a training and nothing in git does: the optimizer. It goes into a metadata file as
 * that is first written; from then on it is as if a person had written it, since other machines cannot know it.
 */
export async function tableFacts(repo: Pick<Repo, 'cacheDir'>, record: ReleaseRecord): Promise<YamlMap> {
  const training = trainingOf(record)
  const more: YamlMap = new Map<string, YamlValue>()
  const layout = cacheLayout(repo.cacheDir)
  const isKnown = training.has('optimizer') && training.has('learning_rate')
  if (isKnown || record.kind !== 'f' || !existsSync(tensorsPath(layout, record.oid))) return more
  const { keptTable } = await import('../model/kept-table.ts')
  const [optimizer] = keptTable(layout, record.oid)?.facts.optimizers ?? []
  if (optimizer?.kind !== undefined && !training.has('optimizer')) more.set('optimizer', optimizer.kind)
  const [rate] = optimizer?.lr ?? []
  if (rate !== undefined && !training.has('learning_rate')) more.set('learning_rate', rate)
  return more
}
