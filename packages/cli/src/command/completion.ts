import { SCRIPTS } from '../completion/scripts.ts'
import { UsageError } from '../usage-error.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'shell', describe: 'bash, zsh or fish', choices: ['bash', 'zsh', 'fish'] }],
  flags: {},
  details: 'Prints a script that completes verbs, flags, artifacts, remotes, settings and revisions.',
  examples: [
    ['source <(art completion bash)', 'in ~/.bashrc'],
    ['source <(art completion zsh)', 'in ~/.zshrc, after compinit'],
    ['art completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
  async run(_context, { operands: [shell = ''] }) {
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as keyof typeof SCRIPTS] : undefined
    if (script === undefined) throw new UsageError(`there is no completion for '${shell}'`, 'Name bash, zsh or fish.')
    return { document: { shell, script }, text: () => script.trimEnd(), always: true }
  },
})
