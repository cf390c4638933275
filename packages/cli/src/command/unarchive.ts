import { unarchive } from '@art/repo/verb/unarchive.ts'
import { typedPath } from '@art/repo/target/path.ts'
import { renderUnarchive } from '../render/archive.ts'
import { callOptions, failedFromHere, given, openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'target',
      describe: 'what is archived, by its place there or its old one, or versions',
      many: true,
      complete: 'artifact',
    },
  ],
  flags: { 'dry-run': { type: 'boolean', alias: 'n', describe: 'only list what would be brought back' } },
  details:
    'Everything comes back to where it was; data from the cache, where that has it. A version is no longer noted as archived. Nothing is committed.',
  examples: [['art unarchive models/archived/simple_cnn.pth', '']],
  async run(context, { flags, operands }) {
    const repo = await openHere(context)
    const dryRun = flags['dry-run']
    const found = await unarchive(repo, operands, { ...callOptions(context), ...given({ dryRun }) })
    const result = {
      ...failedFromHere(repo, found),
      unarchived: found.unarchived.map((one) => ({
        ...one,
        path: one.path === null ? null : typedPath(repo, one.path),
        from: typedPath(repo, one.from),
      })),
      files: pathsFromHere(repo, found.files),
      gitPaths: pathsFromHere(repo, found.gitPaths),
    }
    const text = (view: Parameters<typeof renderUnarchive>[1]) =>
      renderUnarchive(result, view, { dryRun: dryRun === true })
    return { document: result, text, failed: result.failed }
  },
})
