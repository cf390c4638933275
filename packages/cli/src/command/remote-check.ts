import { remoteCheck } from '@art/repo/verb/remote-check.ts'
import { renderProbe } from '../render/probe.ts'
import { callOptions, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'name', describe: 'a remote; the default one otherwise', optional: true, complete: 'remote' }],
  flags: {},
  details: 'Writes, reads, lists and deletes a probe, and tells what the server can do.',
  examples: [['art remote check origin', '']],
  async run(context, { operands: [name] }) {
    const probe = await remoteCheck(await openHere(context), name, callOptions(context))
    return { document: probe, text: (view) => renderProbe(probe, view), exitCode: probe.ok ? 0 : 1 }
  },
})
