import type { ModelsCheckResult, ModelsFixOptions, ModelsFixResult } from '../registry-api.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { checkModels } from './models-check.ts'
import { fixModels } from './models-fix.ts'

/** A repository whose `models.yaml` names one model, cnn. */
export async function repositoryWithModel(): Promise<TemporaryRepo> {
  const place = await TemporaryRepo.create()
  place.write('models.yaml', '# ours\nmodels:\n  cnn: {path: models/cnn_best.pth, title: CNN}\n')
  return place
}

/** Commits a version's pointer, and tags it in the same second or later. */
export async function release(
  place: TemporaryRepo,
  version: string,
  { later = 0, digit = 'a', tag = true } = {},
): Promise<void> {
  const checkpoint = new Map<string, number | string>([
    ['format', 'pytorch'],
    ['val_acc', Number(`0.${version.replaceAll('.', '')}`)],
  ])
  await place.pointer('models/cnn_best.pth', digit, { checkpoint })
  pass(place, 10)
  place.commit(`version ${version}`)
  if (tag) annotated(place, `cnn@v${version}`, { later })
}

let clock = 1_764_150_000

/** What git makes from now on is this much later. */
export function pass(place: TemporaryRepo, seconds: number): void {
  clock += seconds
  const date = `@${clock} +0000`
  Object.assign(place.environment, { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date })
}

export function annotated(place: TemporaryRepo, name: string, { later = 10, commit = 'HEAD' } = {}): void {
  pass(place, later)
  place.git('tag', '-a', '-m', name, name, commit)
}

export async function check(place: TemporaryRepo): Promise<ModelsCheckResult> {
  return await checkModels(await place.open())
}

export async function fix(place: TemporaryRepo, options?: ModelsFixOptions): Promise<ModelsFixResult> {
  pass(place, 10)
  return await fixModels(await place.open(), options)
}
