import { configGet, configList, configSet, configUnset, openConfig } from '@art/repo/verb/config.ts'
import type { ConfigEntry } from '@art/repo/api.ts'
import { escapeText } from '../render/escape.ts'
import { renderTable } from '../render/table.ts'
import { UsageError } from '../usage-error.ts'
import { LEVEL_FLAGS, levelOf } from './level.ts'
import { given } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'key',
      describe: 'such as cache.dir; without one all settings are listed',
      optional: true,
      complete: 'key',
    },
    { name: 'value', describe: 'sets it', optional: true },
  ],
  flags: {
    ...LEVEL_FLAGS,
    list: { type: 'boolean', alias: 'l', describe: 'list what is set' },
    all: { type: 'boolean', describe: 'with --list: keys at their defaults too' },
    unset: { type: 'boolean', describe: 'take <key> out' },
    'show-origin': { type: 'boolean', describe: 'say which file or variable a value comes from' },
  },
  details: 'Shows or changes settings. The environment wins over files: ART_CACHE_DIR for cache.dir.',
  examples: [
    ['art config core.autostage true', 'pointers go to git by themselves'],
    ['art config --show-origin', ''],
  ],
  async run({ cwd, onEvent }, { flags, operands }) {
    const [key, value] = operands
    const scope = await openConfig({ cwd })
    for (const message of scope.config.warnings) onEvent({ type: 'warning', message })
    const level = levelOf(flags)
    if (key === undefined || flags.list) {
      if (key !== undefined || flags.unset)
        throw new UsageError(flags.unset ? '--unset needs <key>' : '--list takes no key')
      const entries = configList(scope, given({ level, defaults: flags.all }))
      return {
        document: { entries },
        text: ({ columns }) => listing(entries, flags['show-origin'], columns),
        always: true,
      }
    }
    if (flags.unset) {
      if (value !== undefined) throw new UsageError('--unset takes no value')
      const change = await configUnset(scope, level ?? 'project', key)
      return {
        document: { key, changed: change !== undefined, ...(change ?? { gitPaths: [] }) },
        text: () =>
          change === undefined
            ? `${escapeText(key)} is not set there`
            : `unset ${escapeText(key)} in ${escapeText(change.path)}`,
        exitCode: change === undefined ? 1 : 0,
      }
    }
    if (value !== undefined) {
      const change = await configSet(scope, level ?? 'project', key, value)
      return { document: { key, value, ...change }, text: () => `set ${escapeText(key)} in ${escapeText(change.path)}` }
    }
    const entry = configGet(scope, key, given({ level }))
    const text = entry === undefined ? '' : flags['show-origin'] ? `${entry.origin}\t${entry.value}` : entry.value
    return {
      document: { entry: entry ?? null },
      text: () => escapeText(text),
      always: true,
      exitCode: entry === undefined ? 1 : 0,
    }
  },
})

function listing(
  entries: readonly ConfigEntry[],
  withOrigin: boolean | undefined,
  columns: number | undefined,
): string {
  const lines = entries.map(({ key, value }) => `${escapeText(key)}=${escapeText(value)}`)
  if (!withOrigin) return lines.join('\n')
  const rows = entries.map(({ level, origin }, at) => [level, escapeText(origin), lines[at] as string])
  return renderTable(rows, [{}, { flexible: true }, {}], columns).join('\n')
}
