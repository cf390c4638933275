import { mlflowPush } from '@art/repo/verb/mlflow-push.ts'
import { renderMlflowPush } from '../render/mlflow.ts'
import { MLFLOW_FLAGS } from './mlflow-flags.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'release',
      describe: 'releases such as resnet, resnet@v1.2.0, resnet@latest, resnet#production; all by default',
      optional: true,
      many: true,
    },
  ],
  flags: {
    ...MLFLOW_FLAGS,
    experiment: {
      type: 'string',
      value: 'name',
      describe: 'where the runs go, instead of what models.yaml says, its title, or the name of the model',
    },
    artifact: {
      type: 'string',
      choices: ['reference', 'file'],
      describe: 'reference: pointer and metadata (default); file: the bytes too',
    },
    remote: remoteFlag('fetch bytes that are not here from this remote of art, instead of the default one'),
  },
  details:
    'Each release becomes a run with params and metrics, and a version of a registered model; its stages become aliases. What was pushed before is found ' +
    'again by its tags: a second run changes nothing, one that was cut short is gone on with. Credentials are those of MLFLOW_TRACKING_USERNAME and ' +
    'MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
  examples: [
    ['art mlflow push', 'all releases, to the server of MLFLOW_TRACKING_URI'],
    ['art mlflow push resnet --artifact file', 'those of one model, with their bytes'],
  ],
  async run(context, { flags: { uri, experiment, artifact, remote, 'dry-run': dryRun }, operands }) {
    const repo = await openHere(context)
    const options = { ...callOptions(context), ...given({ uri, experiment, artifact, remote, dryRun }) }
    const result = await mlflowPush(repo, operands, options)
    return { document: result, text: (view) => renderMlflowPush(result, view), failed: result.failed }
  },
})
