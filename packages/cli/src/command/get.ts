import { get } from '@art/repo/verb/get.ts'
import { renderGet } from '../render/get.ts'
import { callOptions, given } from './repository.ts'
import { S3_FLAGS } from './s3-flags.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'url-or-path',
      describe: "a repository: git's address of it, a folder, or `.`; or a remote",
      complete: 'path',
    },
    {
      name: 'path-or-release',
      describe: 'an artifact, a path inside a tracked folder, or a release; of a remote an oid or a pointer file',
      complete: 'target',
    },
  ],
  flags: {
    rev: { type: 'string', value: 'rev', describe: 'a branch, a tag or a commit of that repository' },
    output: {
      type: 'string',
      alias: 'o',
      value: 'file',
      complete: 'path',
      describe: 'where to: a file or a folder; here under its own name by default',
    },
    force: { type: 'boolean', alias: 'f', describe: 'replace what is there' },
    remote: { type: 'string', alias: 'r', value: 'name', describe: 'another of its remotes than its default one' },
    jobs: { type: 'number', alias: 'j', value: 'n', describe: 'requests at a time' },
    ...S3_FLAGS,
  },
  details:
    'Reads names and pointers of that repository from git and leaves no clone; of its data only what is named is fetched, and checked. Works ' +
    'in any folder. A remote is `s3://bucket/prefix`, its folder, or the name that it has here. In a repository of art, what its cache has is not fetched again.',
  examples: [
    ['art get https://host/team/models.git resnet@v1.2.0', ''],
    ['art get ../models data/train/7.png', 'of a tracked folder'],
    ["art get . 'resnet#prod' -o serve.pth", 'a release of this repository'],
    ['art get s3://bucket/x net.pth.art', 'what a pointer names, out of a remote'],
  ],
  async run(context, { flags, operands }) {
    const [source, name] = operands as [string, string]
    const { rev, output, force, remote, jobs, endpoint, region, profile } = flags
    const wanted = given({ rev, output, force, remote, jobs, endpoint, region, profile })
    const options = { cwd: context.cwd, ...callOptions(context), ...wanted }
    const begun = performance.now()
    const result = await get(source, name, options)
    const milliseconds = performance.now() - begun
    return { document: result, text: (view) => renderGet(result, milliseconds, view) }
  },
})
