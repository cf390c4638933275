import { mlflowPull } from '@art/repo/verb/mlflow-pull.ts'
import { typedPath } from '@art/repo/target/path.ts'
import { renderMlflowPull } from '../render/mlflow.ts'
import { MLFLOW_FLAGS } from './mlflow-flags.ts'
import { callOptions, given, openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'model', describe: 'registered models, as MLflow calls them; all by default', optional: true, many: true },
  ],
  flags: {
    ...MLFLOW_FLAGS,
    dir: { type: 'string', value: 'folder', describe: 'where the files go, instead of models' },
  },
  details:
    'Every version becomes an artifact, models/<name>_v<version>, with its metrics and params in its pointer; every model an entry of models.yaml. What is ' +
    'here already is left as it is. The last lines are the commands that make releases and stages of them.',
  examples: [
    ['art mlflow pull', 'all registered models'],
    ['art mlflow pull "churn model" --dir models/from-mlflow', ''],
  ],
  async run(context, { flags: { uri, dir, 'dry-run': dryRun }, operands }) {
    const repo = await openHere(context)
    const found = await mlflowPull(repo, operands, { ...callOptions(context), ...given({ uri, dir, dryRun }) })
    const models = found.models.map((one) => (one.path === '' ? one : { ...one, path: typedPath(repo, one.path) }))
    const result = { ...found, models, gitPaths: pathsFromHere(repo, found.gitPaths) }
    return { document: result, text: (view) => renderMlflowPull(result, view), failed: result.failed }
  },
})
