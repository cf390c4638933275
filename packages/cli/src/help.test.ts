import { describe, expect, it } from 'vitest'
import { GLOBAL_FLAGS } from './command/global-flags.ts'
import { COMMANDS, type Entry, isGroup } from './command/table.ts'
import { renderHelp } from './help.ts'
import { displayWidth } from './render/width.ts'

const commands: [string, Entry][] = Object.entries(COMMANDS).flatMap(([verb, entry]) =>
  isGroup(entry)
    ? Object.entries(entry.verbs).map(([second, below]): [string, Entry] => [`${verb} ${second}`, below])
    : [[verb, entry]],
)
const groups = Object.keys(COMMANDS).filter((verb) => isGroup(COMMANDS[verb]!))

function widest(text: string): number {
  return Math.max(...text.split('\n').map(displayWidth))
}

describe('help fits a terminal of 80 columns, and a screen', () => {
  it.each(['', ...groups, ...commands.map(([name]) => name)])('art %s --help', async (name) => {
    const words = name.split(' ').filter((word) => word !== '')
    for (const columns of [undefined, 80, 200]) {
      const text = await renderHelp(words, columns)
      expect(widest(text)).toBeLessThanOrEqual(80)
      expect(text.split('\n').length).toBeLessThanOrEqual(name === '' ? 56 : 36)
      expect(text).not.toMatch(/\[(boolean|string|array|choices)|undefined/)
    }
    expect(widest(await renderHelp(words, 60))).toBeLessThanOrEqual(80)
  })
})

it.each(commands)('art %s --help names each operand and flag in each of its forms', async (name, { load }) => {
  const { command } = await load()
  const text = await renderHelp(name.split(' '), 80)
  expect(text).toContain(`Usage: art ${name}`)
  for (const operand of command.operands) expect(text).toContain(`  ${operand.name} `)
  for (const [flag, { alias, negated, value, choices }] of Object.entries(command.flags)) {
    const takes = choices?.join('|') ?? value
    const long = `--${negated ? 'no-' : ''}${flag}${takes === undefined ? '' : ` <${takes}>`}`
    expect(text).toContain(alias === undefined ? `  ${long} ` : `-${alias}, ${long} `)
  }
  for (const [line] of command.examples) expect(text).toContain(line)
})

it('art --help names every command and the flags of all of them, in groups', async () => {
  const text = await renderHelp([], 80)
  for (const verb of Object.keys(COMMANDS)) expect(text).toMatch(new RegExp(` ${verb} `))
  for (const group of ['Start', 'Work', 'Share', 'More', 'Flags']) expect(text).toMatch(new RegExp(`^${group} `, 'm'))
  for (const flag of Object.keys(GLOBAL_FLAGS)) expect(text).toContain(flag)
})
