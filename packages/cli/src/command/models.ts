import { ArtError } from '@art/core'
import type { Failure } from '@art/repo/api.ts'
import type { ModelsCheckResult } from '@art/repo/registry-api.ts'
import { renderCheckedModels, renderFixedModels, renderModels } from '../render/models.ts'
import { callOptions, fromHere, given, openHere } from './repository.ts'
import { type Context, defineCommand, type Outcome } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'name', describe: 'only these models', optional: true, many: true }],
  flags: {
    check: {
      type: 'boolean',
      describe: 'do MODELS.md, models/registry.json and the metadata files agree with the tags?',
    },
    strict: { type: 'boolean', describe: 'with --check: tags that are newer than HEAD count, too' },
    fix: { type: 'boolean', describe: 'make these files from the tags, and commit them' },
    commit: { type: 'boolean', negated: true, describe: 'with --fix: write the files and leave the commit to you' },
  },
  details:
    'Lists the models of models.yaml and of tags: the latest version, which version holds which stage, the metric that counts, the file. --check is a gate ' +
    'for CI: it names every file that disagrees with the tags, and what in it, and exits with 1.',
  examples: [
    ['art models', 'what there is'],
    ['art models --check', 'in CI'],
    ['art models --fix', 'after a release with --no-commit'],
  ],
  async run(context, { flags: { check, strict, fix, commit }, operands }) {
    refuseTogether({ check, strict, fix, commit }, operands)
    if (check) return await runCheck(context, strict ?? false)
    if (fix) return await runFix(context, commit)
    const { models } = await import('@art/repo/verb/models.ts')
    const repo = await openHere(context)
    const found = await models(repo, {
      ...callOptions(context),
      ...given({ names: operands.length > 0 ? operands : undefined }),
    })
    const here = fromHere(repo)
    const document = {
      ...found,
      models: found.models.map((model) =>
        model.path === null ? model : { ...model, path: here({ path: model.path }).path },
      ),
    }
    return { document, text: (view) => renderModels(document, view) }
  },
})

function refuseTogether(
  {
    check,
    strict,
    fix,
    commit,
  }: {
    check?: boolean | undefined
    strict?: boolean | undefined
    fix?: boolean | undefined
    commit?: boolean | undefined
  },
  operands: readonly string[],
): void {
  const wrong =
    (check && fix && '--check and --fix exclude each other') ||
    (strict && !check && '--strict belongs to --check') ||
    (commit === false && !fix && '--no-commit belongs to --fix') ||
    ((check || fix) && operands.length > 0 && `--${check ? 'check' : 'fix'} is about all models`)
  if (wrong) throw new ArtError('USAGE', wrong, { hint: 'See `art models list --help`.' })
}

async function runCheck(context: Context, strict: boolean): Promise<Outcome> {
  const { checkModels } = await import('@art/repo/verb/models-check.ts')
  const repo = await openHere(context)
  const found = await checkModels(repo, callOptions(context))
  const result = { ...found, disagreements: found.disagreements.map(fromHere(repo)) }
  const ok = result.ok && !(strict && result.behind.length > 0)
  return {
    document: { ...result, ok },
    text: (view) => renderCheckedModels(result, view),
    failed: [...result.disagreements.map(failureOf), ...(strict ? result.behind.map(behindFailure) : [])],
    exitCode: ok ? 0 : 1,
  }
}

const FIX = 'Run `art models --fix` to make the files say what the tags do.'

function failureOf({ path, release, message, hint = FIX }: ModelsCheckResult['disagreements'][number]): Failure {
  return {
    path,
    code: 'CONFIG_INVALID',
    message: release === undefined ? `${path}: ${message}` : `${path}: ${release}: ${message}`,
    hint,
  }
}

function behindFailure(tag: string): Failure {
  return {
    path: tag,
    code: 'CONFIG_INVALID',
    message: `the files do not know of the tag ${tag}, which is newer than HEAD`,
    hint: FIX,
  }
}

async function runFix(context: Context, commit: boolean | undefined): Promise<Outcome> {
  const { fixModels } = await import('@art/repo/verb/models-fix.ts')
  const repo = await openHere(context)
  const found = await fixModels(repo, { ...callOptions(context), ...given({ commit }) })
  const here = fromHere(repo)
  const result = { ...found, files: found.files.map(here), disagreements: found.disagreements.map(here) }
  return { document: result, text: (view) => renderFixedModels(result, view) }
}
