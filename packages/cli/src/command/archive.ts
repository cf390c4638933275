import { archive } from '@art/repo/verb/archive.ts'
import { typedPath } from '@art/repo/target/path.ts'
import { renderArchive } from '../render/archive.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, failedFromHere, fromHere, given, openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'target',
      describe: 'artifacts, folders, globs, or versions as name@v1.0.0',
      many: true,
      complete: 'artifact',
    },
  ],
  flags: {
    tar: {
      type: 'string',
      value: 'file',
      complete: 'path',
      describe: 'also write data, pointers and metadata into this tar.gz',
    },
    force: { type: 'boolean', alias: 'f', describe: 'with --tar: replace the file that is there' },
    remote: remoteFlag('the bytes must be on this remote instead of the default one'),
    'dry-run': { type: 'boolean', alias: 'n', describe: 'check everything, and only list what would be done' },
  },
  details:
    'The data leaves the workspace, and the pointer goes to models/archived/. Of a version models.yaml notes that it is archived, and the registry files follow. ' +
    'The bytes must be on the remote: it is asked. Nothing is committed.',
  examples: [
    ['art archive simple_cnn@v1.0.0', 'a version'],
    ['art archive models/old.pth --tar old.tar.gz', ''],
  ],
  async run(context, { flags, operands }) {
    const { tar, force, remote } = flags
    const repo = await openHere(context)
    const options = { ...callOptions(context), ...given({ tar, force, remote, dryRun: flags['dry-run'] }) }
    const found = await archive(repo, operands, options)
    const result = {
      ...failedFromHere(repo, found),
      archived: found.archived.map((one) => ({
        ...fromHere(repo)(one),
        from: one.from === null ? null : typedPath(repo, one.from),
      })),
      files: pathsFromHere(repo, found.files),
      gitPaths: pathsFromHere(repo, found.gitPaths),
    }
    const text = (view: Parameters<typeof renderArchive>[1]) =>
      renderArchive(result, view, { dryRun: flags['dry-run'] === true })
    return { document: result, text, failed: result.failed }
  },
})
