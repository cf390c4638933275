import { remoteModify } from '@art/repo/verb/remote.ts'
import { escapeText } from '../render/escape.ts'
import { UsageError } from '../usage-error.ts'
import { LEVEL_FLAGS, levelOf } from './level.ts'
import { given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'name', describe: 'a remote', complete: 'remote' },
    { name: 'key', describe: 'such as url, endpoint, region, profile, compression' },
    { name: 'value', describe: 'needed but with --unset', optional: true },
  ],
  flags: { ...LEVEL_FLAGS, unset: { type: 'boolean', describe: 'take <key> out' } },
  details:
    'Changes a setting of a remote. Secrets belong into --local or the usual places of AWS: git keeps the project file.',
  examples: [
    ['art remote modify origin endpoint https://minio.example:9000', ''],
    ['art remote modify --local origin profile me', ''],
  ],
  async run(context, { flags, operands: [name = '', key = '', value] }) {
    if ((value === undefined) !== (flags.unset ?? false)) {
      throw new UsageError(
        flags.unset ? '--unset takes no value' : '`art remote modify` needs <value>',
        'Give a value, or --unset.',
      )
    }
    const repo = await openHere(context)
    const change = await remoteModify(repo, name, { [key]: value }, given({ level: levelOf(flags) }))
    const what = value === undefined ? 'unset' : 'set'
    return {
      document: { name, key, value: value ?? null, ...change },
      text: () => escapeText(`${what} ${key} of ${name} in ${change.path}`),
    }
  },
})
