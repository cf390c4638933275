import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { GLOBAL_FLAGS } from './command/global-flags.ts'
import { COMMANDS, isGroup } from './command/table.ts'
import type { Flags } from './command/spec.ts'

const page = (name: string) => readFileSync(new URL(`../../../docs/commands/${name}.md`, import.meta.url), 'utf8')

/** A flag in each of its forms. */
function forms(flags: Flags): string[][] {
  return Object.entries(flags).map(([name, { alias, negated }]) => [
    name.length === 1 ? `-${name}` : `--${negated ? 'no-' : ''}${name}`,
    ...(alias === undefined ? [] : [`-${alias}`]),
  ])
}

it('every command has a page that tells of each of its flags', async () => {
  const index = page('README')
  for (const form of forms(GLOBAL_FLAGS).flat()) expect(index).toContain(form)
  for (const [verb, entry] of Object.entries(COMMANDS)) {
    expect(index).toContain(`\`${verb}`)
    const name = verb === 'cache' ? 'cache-dir' : verb
    const text = page(name)
    for (const { load } of isGroup(entry) ? Object.values(entry.verbs) : [entry]) {
      for (const some of forms((await load()).command.flags)) {
        expect(
          some.some((form) => text.includes(form)),
          `${name}.md on ${some.join(', ')}`,
        ).toBe(true)
      }
    }
  }
})
