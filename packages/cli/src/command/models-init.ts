import { initModels } from '@art/repo/verb/models-init.ts'
import { renderProposed } from '../render/models-init.ts'
import { callOptions, fromHere, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [],
  flags: { 'dry-run': { type: 'boolean', alias: 'n', describe: 'print it, and write nothing' } },
  details:
    'Proposes models.yaml from the tracked model files: models/simple_cnn_best.pth is simple_cnn. Snapshots of an epoch, copies of a version and ' +
    'archived files are passed over. Title, dataset and metric come from the checkpoints, and from a registry.json, MODELS.md and metadata files that are ' +
    'there. A models.yaml that is there keeps all it has, and gets the names that it lacks.',
  examples: [
    ['art models init', 'write models.yaml, and show it'],
    ['art models init -n', 'only show it'],
  ],
  async run(context, { flags }) {
    const repo = await openHere(context)
    const dryRun = flags['dry-run']
    const found = await initModels(repo, { ...callOptions(context), ...given({ dryRun }) })
    const here = fromHere(repo)
    const result = {
      ...found,
      path: here({ path: found.path }).path,
      added: found.added.map((model) => ({ ...here(model), from: model.from.map((path) => here({ path }).path) })),
    }
    return { document: result, text: (view) => renderProposed(result, view, { dryRun: dryRun ?? false }) }
  },
})
