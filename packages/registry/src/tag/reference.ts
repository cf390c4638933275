import { ArtError } from '@art/core'
import { isModelName } from './name.ts'

/** How people name a version: `resnet`, `resnet@v1.2.0`, `resnet@1.2`, `resnet@latest`, `resnet#production`. */
export interface Reference {
  model: string
  /** Without `v`; a whole version, or the start of one. */
  version?: string
  stage?: string
  /** `@latest` and `@greatest`, which mean the same, as in GTO. */
  latest?: true
}

const VERSION = /^v?(?<version>[0-9][0-9A-Za-z.+-]*)$/

/**
 * Reads the name of a version or of the holder of a stage; undefined for what is none, such as a path, a revision or an address. Cheap, so that nothing else
 * of the registry is loaded for names of another form.
 */
export function versionReference(text: string): Reference | undefined {
  if (text.length > 500) return undefined
  const { model = '', sign, rest = '' } = /^(?<model>[^@#]*)(?<sign>[@#])(?<rest>.*)$/s.exec(text)?.groups ?? {}
  if (sign === undefined || !isModelName(model)) return undefined
  if (sign === '#') return isModelName(rest) ? { model, stage: rest } : undefined
  if (rest === 'latest' || rest === 'greatest') return { model, latest: true }
  const version = VERSION.exec(rest)?.groups?.['version']
  return version === undefined ? undefined : { model, version }
}

/** The same, or a model alone. Fails with `USAGE`, saying what is wrong with it. */
export function parseReference(text: string): Reference {
  if (isModelName(text)) return { model: text }
  const reference = versionReference(text)
  if (reference !== undefined) return reference
  const [, model = '', sign, rest = ''] = /^([^@#]*)(?:([@#])(.*))?$/s.exec(text) ?? []
  const [what, wrong] = isModelName(model)
    ? [sign === '#' ? 'name of a stage' : 'version', rest]
    : ['name of a model', model]
  throw new ArtError('USAGE', `${JSON.stringify(wrong)} is no ${what}`, {
    path: text,
    hint: "Write <name>, <name>@v1.2.3, <name>@latest or '<name>#<stage>': names have letters, digits, `-`, `_` and `/`.",
  })
}
