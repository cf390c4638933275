import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

const FOLDER = new URL('../../docs/schemas/', import.meta.url)
const SUFFIX = '.schema.json'
const ALIASES: Readonly<Record<string, string>> = { commit: 'add', move: 'mv', remove: 'rm' }

const ajv = new Ajv2020({ strictTypes: false, strictRequired: false })
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(SUFFIX))
  .map((name) => name.slice(0, -SUFFIX.length))
for (const name of names) ajv.addSchema(JSON.parse(readFileSync(new URL(name + SUFFIX, FOLDER), 'utf8')) as object)

/** Fails unless a `--json` run printed exactly one document, and that is what `docs/schemas` says. */
export function checkDocument(
  args: readonly string[],
  { code, stdout, stderr }: { code: number | string; stdout: string; stderr: string },
): void {
  if (typeof code !== 'number') return
  const failed = stdout === ''
  const document: unknown = JSON.parse(failed ? stderr : stdout)
  const schema = failed ? 'error' : schemaOf(args)
  const validate = ajv.getSchema(schema + SUFFIX)
  if (validate === undefined) throw new Error(`there is no schema for art ${args.join(' ')}`)
  if (validate(document) !== true) {
    throw new Error(
      `art ${args.join(' ')} is not ${schema}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(document)}`,
    )
  }
  if (!failed && stderr !== '') throw new Error(`art ${args.join(' ')} printed beside its document: ${stderr}`)
}

/** `remote-add` for `-C x remote add …`, `status` for `status …`. */
function schemaOf(args: readonly string[]): string {
  for (const [i, word] of args.entries()) {
    const verb = ALIASES[word] ?? word
    for (const name of [`${verb}-${args[i + 1]}`, verb, `${verb}-list`]) if (names.includes(name)) return name
  }
  return args.find((word) => !word.startsWith('-')) ?? ''
}
