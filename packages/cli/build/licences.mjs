import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Every bundled package with the text of its licence. */
export function licences(inputs) {
  const folders = new Set()
  for (const input of inputs) {
    const match = /^(.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(resolve(input))
    if (match !== null) folders.add(match[0])
  }
  const texts = new Map()
  for (const folder of folders) {
    const { name, version: installed, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
    texts.set(
      `${name} ${installed}`,
      `${name} ${installed} (${typeof license === 'string' ? license : 'see below'})\n\n${text}`,
    )
  }
  const line = `\n\n${'-'.repeat(80)}\n\n`
  return `art contains these packages.${line}${[...texts.keys()]
    .sort((a, b) => a.localeCompare(b, 'en'))
    .map((key) => texts.get(key))
    .join(line)}\n`
}
