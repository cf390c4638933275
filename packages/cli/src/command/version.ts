import { VERSION } from '../build-version.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [],
  flags: {},
  details: 'Prints the version; -v adds what a bug report needs.',
  examples: [['art version', '']],
  async run({ verbose }) {
    const { platform, arch, version: node } = process
    const more = verbose ? `\nnode ${node}\n${platform} ${arch}` : ''
    return { document: { version: VERSION, node, platform, arch }, text: () => `art ${VERSION}${more}`, always: true }
  },
})
