import { pointerPathFor } from '@art/core/pointer/name.ts'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import { aliasOf } from '@art/registry/mlflow/names.ts'
import { compareVersions } from '@art/registry/version/version.ts'
import { headCommit, pointersAt } from '../git/history.ts'
import type { Repo } from '../open.ts'
import type { MlflowPullResult } from '../mlflow-api.ts'
import { shellWord } from '../shell-word.ts'

/** What to run so that the newest adopted version of each model is a release, and has its stages. Empty where all are. */
export async function nextCommands(
  repo: Repo,
  { models, gitPaths, staged, dryRun }: MlflowPullResult,
  released: ReadonlySet<string>,
): Promise<string[]> {
  if (dryRun) return []
  const open = models
    .filter(({ state, model, version }) => state !== 'ours' && !released.has(`${model}@${version}`))
    .sort((a, b) => compareVersions(a.version, b.version))
  if (open.length === 0) return []
  const head = await headCommit(repo)
  const committed = new Set(head === undefined ? [] : (await pointersAt(repo, head)).map(({ path }) => path))
  const lacking = open.map(({ path }) => pointerPathFor(path)).filter((path) => !committed.has(path))
  const paths = new Set([...gitPaths, ...lacking])
  if (lacking.length > 0) paths.add(MODELS_FILE)
  const lines = paths.size === 0 ? [] : ["git commit -m 'Models from MLflow'"]
  if (paths.size > 0 && !staged) lines.unshift(`git add ${[...paths].map(shellWord).join(' ')}`)
  lines.push('art push')
  for (const { model, version, aliases } of new Map(open.map((one) => [one.model, one])).values()) {
    lines.push(`art release ${shellWord(model)} --version ${version}`)
    for (const alias of aliases)
      lines.push(`art stage ${shellWord(`${model}@v${version}`)} ${shellWord(aliasOf(alias))}`)
  }
  return lines
}
