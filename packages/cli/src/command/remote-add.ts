import { remoteAdd } from '@art/repo/verb/remote.ts'
import { escapeText } from '../render/escape.ts'
import { LEVEL_FLAGS, levelOf } from './level.ts'
import { given, openHere } from './repository.ts'
import { S3_FLAGS } from './s3-flags.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'name', describe: 'how commands will call it' },
    { name: 'url', describe: '/folder, file:///folder or s3://bucket/prefix', complete: 'path' },
  ],
  flags: {
    default: { type: 'boolean', alias: 'd', describe: 'use it where no remote is named' },
    force: { type: 'boolean', alias: 'f', describe: 'replace a remote of that name' },
    ...S3_FLAGS,
    compression: {
      type: 'string',
      value: 'when',
      choices: ['auto', 'on', 'off'],
      describe: 'auto: on for networks, off for folders',
    },
    ...LEVEL_FLAGS,
  },
  examples: [
    ['art remote add -d origin s3://bucket/models --region eu-central-1', ''],
    ['art remote add nas /mnt/nas/art', ''],
  ],
  async run(context, { flags, operands: [name = '', url = ''] }) {
    const repo = await openHere(context)
    const { default: isDefault, force, endpoint, region, profile, compression } = flags
    const settings: Record<string, string> = given({ endpoint, region, profile, compression })
    const change = await remoteAdd(repo, name, url, {
      settings,
      ...given({ default: isDefault, force, level: levelOf(flags) }),
    })
    return {
      document: { name, url, default: isDefault ?? false, ...change },
      text: () =>
        `added remote ${escapeText(name)} in ${escapeText(change.path)}; \`art remote check ${escapeText(name)}\` tries it`,
    }
  },
})
