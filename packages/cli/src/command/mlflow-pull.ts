import { mlflowPull } from '@art/repo/verb/mlflow-pull.ts'
import { typedPath } from '@art/repo/target/path.ts'
import { renderMlflowPull } from '../render/mlflow.ts'
import { MLFLOW_FLAGS } from './mlflow-flags.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, given, openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'model', describe: 'registered models, as MLflow calls them; all by default', optional: true, many: true },
  ],
  flags: {
    release: { type: 'boolean', describe: 'commit them, send their content, and make a release of every version' },
    run: { type: 'list', value: 'id', describe: 'the model of this run, registered or not' },
    experiment: { type: 'string', value: 'name', describe: 'the models of all its finished runs' },
    artifact: { type: 'string', value: 'path', describe: 'which artifact of a run is the model' },
    name: { type: 'string', value: 'name', describe: 'of the model here, instead of that of the experiment' },
    dir: { type: 'string', value: 'folder', describe: 'where the files go, instead of models' },
    remote: remoteFlag('with --release: send to this remote of art, instead of the default one'),
    ...MLFLOW_FLAGS,
  },
  details:
    'Every version becomes an artifact, models/<name>_v<version>, with its metrics and params in its pointer; every model an entry of models.yaml. What is ' +
    'here already is left as it is. With --release each is a release too, the oldest first, and aliases are stages.',
  examples: [
    ['art mlflow pull --release', 'all registered models, as releases'],
    ['art mlflow pull "churn model" --dir models/from-mlflow', ''],
    ['art mlflow pull --run 4f1c… --name churn', 'what a run has logged'],
  ],
  async run(context, { flags, operands }) {
    const repo = await openHere(context)
    const { uri, dir, release, run: runs, experiment, artifact, name, remote, 'dry-run': dryRun } = flags
    const options = given({ uri, dir, release, runs, experiment, artifact, name, remote, dryRun })
    const found = await mlflowPull(repo, operands, { ...callOptions(context), ...options })
    const models = found.models.map((one) => (one.path === '' ? one : { ...one, path: typedPath(repo, one.path) }))
    const result = { ...found, models, gitPaths: pathsFromHere(repo, found.gitPaths) }
    return { document: result, text: (view) => renderMlflowPull(result, view), failed: result.failed }
  },
})
