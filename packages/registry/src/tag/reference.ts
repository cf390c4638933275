import { ArtError } from '@art/core'
import { parseVersion, type Version } from '../version/version.ts'
import { isModelName } from './grammar.ts'

/** How people name a version: `resnet`, `resnet@v1.2.0`, `resnet@latest`, `resnet#production`. */
export interface Reference {
  model: string
  version?: Version
  stage?: string
  /** `@latest` and `@greatest`, which mean the same, as in GTO. */
  latest?: true
}

/** Reads a reference; the `v` may be left out. Fails with `USAGE`, saying what is wrong with it. */
export function parseReference(text: string): Reference {
  const [, model = '', sign, rest = ''] = /^([^@#]*)(?:([@#])(.*))?$/s.exec(text) ?? []
  if (!isModelName(model)) throw invalid(text, `${JSON.stringify(model)} is no name of a model`)
  if (sign === undefined) return { model }
  if (sign === '#') {
    if (!isModelName(rest)) throw invalid(text, `${JSON.stringify(rest)} is no name of a stage`)
    return { model, stage: rest }
  }
  if (rest === 'latest' || rest === 'greatest') return { model, latest: true }
  const version = parseVersion(rest)
  if (version === undefined) throw invalid(text, `${JSON.stringify(rest)} is no version`)
  return { model, version }
}

function invalid(text: string, why: string): ArtError {
  return new ArtError('USAGE', why, {
    path: text,
    hint: "Write <name>, <name>@v1.2.3, <name>@latest or '<name>#<stage>': names have letters, digits, `-`, `_` and `/`.",
  })
}
