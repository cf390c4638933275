import type { MlflowPullOptions, MlflowPullResult } from '../mlflow-api.ts'
import { shellWord } from '../shell-word.ts'
import type { KnownVersions } from './known-versions.ts'
import { unreleased } from './release-adopted.ts'

/** What to run so that every adopted version is a release, and has its stages. Empty where all are. */
export function nextCommands(
  { models, dryRun }: MlflowPullResult,
  known: KnownVersions,
  names: readonly string[],
  { dir, runs = [], experiment, artifact, name, remote }: MlflowPullOptions,
): string[] {
  if (dryRun || unreleased(models, known).length === 0) return []
  const flags = [
    ...runs.map((run) => ['--run', run]),
    ['--experiment', experiment],
    ['--artifact', artifact],
    ['--name', name],
    ['--dir', dir],
    ['--remote', remote],
  ]
  const typed = flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag!, value]))
  return [['art mlflow pull', ...[...names, ...typed].map(shellWord), '--release'].join(' ')]
}
