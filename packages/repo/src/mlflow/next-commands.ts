import { aliasOf } from '@art/registry/mlflow/names.ts'
import { compareVersions } from '@art/registry/version/version.ts'
import type { MlflowPullResult } from '../registry-api.ts'
import { shellWord } from '../shell-word.ts'

/** What to run so that the newest adopted version of each model is a release, and has its stages. Empty where all are. */
export function nextCommands(
  { models, gitPaths, staged, dryRun }: MlflowPullResult,
  released: ReadonlySet<string>,
): string[] {
  if (dryRun) return []
  const open = models
    .filter(({ state, model, version }) => state !== 'ours' && !released.has(`${model}@${version}`))
    .sort((a, b) => compareVersions(a.version, b.version))
  if (open.length === 0) return []
  const newest = new Map(open.map((one) => [one.model, one]))
  const fresh = gitPaths.length > 0
  const lines = fresh && !staged ? [`git add ${gitPaths.map(shellWord).join(' ')}`] : []
  lines.push("git commit -m 'Models from MLflow'", 'art push')
  for (const { model, version, aliases } of newest.values()) {
    lines.push(`art release ${shellWord(model)} --version ${version}`)
    for (const alias of aliases) lines.push(`art stage ${shellWord(`${model}@v${version}`)} ${shellWord(aliasOf(alias))}`)
  }
  return lines
}
