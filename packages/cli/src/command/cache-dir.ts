import { cacheDir, setCacheDir } from '@art/repo/verb/cache-dir.ts'
import { escapeText } from '../render/escape.ts'
import { LEVEL_FLAGS, levelOf } from './level.ts'
import { given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'folder', describe: 'the new place; what the old one holds stays there', optional: true, complete: 'path' },
  ],
  flags: LEVEL_FLAGS,
  examples: [
    ['art cache dir', ''],
    ['art cache dir --local /fast/art-cache', ''],
  ],
  async run(context, { flags, operands: [folder] }) {
    const repo = await openHere(context)
    if (folder === undefined)
      return { document: { dir: cacheDir(repo) }, text: () => escapeText(cacheDir(repo)), always: true }
    const change = await setCacheDir(repo, folder, given({ level: levelOf(flags) }))
    return {
      document: { dir: folder, ...change },
      text: () => `the cache is ${escapeText(folder)} from now on; set in ${escapeText(change.path)}`,
    }
  },
})
