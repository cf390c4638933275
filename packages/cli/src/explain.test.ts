import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { Command } from './command/spec.ts'
import { COMMANDS, type Entry } from './command/table.ts'
import { usageLine, wrongOperands } from './explain.ts'

const cwd = fileURLToPath(new URL('.', import.meta.url))
const commandOf = async (name: string): Promise<Command> => (await (COMMANDS[name] as Entry).load()).command

it('a pattern that the shell has expanded is to be quoted, where art would expand it', async () => {
  const hintOf = async (name: string, ...operands: string[]) =>
    wrongOperands(name, await commandOf(name), { operands, cwd }).hint
  expect(await hintOf('resume', 'main.ts', 'explain.ts')).toMatch(/^Quote a pattern that art should expand\. Usage: /)
  expect(await hintOf('resume', 'main.ts', 'nowhere')).toMatch(/^Usage: art resume <name> \[flags\]$/)
  expect(await hintOf('show', 'main.ts', 'explain.ts')).toMatch(/^Usage: /)
})

it('a git remote belongs to --push', async () => {
  expect(usageLine('stage', await commandOf('stage'))).toBe('art stage <name> [stage] [--push [remote]] [flags]')
})
