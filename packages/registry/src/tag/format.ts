import { ArtError } from '@art/core'
import { parseVersion } from '../version/version.ts'
import { formatGtoTag, parseGtoTag } from './grammar.ts'
import { isModelName } from './name.ts'
import type { TagWord } from './tag.ts'

/** How the tags of versions look: GTO's form, or a team's own such as `{name}-v{version}` or `model-v{version}`. */
export interface TagFormat {
  parse(tag: string): TagWord | undefined
  /** The tag of a version of a model. */
  format(model: string, version: string): string
}

export const STANDARD_FORMAT = '{name}@v{version}'

/**
 * Reads a format. `model` is whom its tags are of where it has no `{name}`; `where` is what sets it, for errors. Fails with `CONFIG_INVALID` for one that
 * could not be read back, or that git would refuse.
 */
export function tagFormat(
  pattern: string,
  { folder = '', model, where = pattern }: { folder?: string; model?: string; where?: string } = {},
): TagFormat {
  if (pattern === STANDARD_FORMAT) {
    return {
      parse: (tag) => parseGtoTag(tag, folder),
      format: (name, version) => formatGtoTag({ kind: 'version', model: name, version, undone: false }, folder),
    }
  }
  const parts = /^(?<before>[^{}]*)(?:(?<name>\{name\})(?<between>[^{}]+))?\{version\}(?<after>[^{}]*)$/.exec(
    pattern,
  )?.groups
  if (parts === undefined)
    throw invalid(pattern, where, 'it must have `{version}`, after `{name}` and something between the two')
  const { before = '', name, between = '', after = '' } = parts
  if (
    !/^[\w.@/+=-]*$/.test(before + between + after) ||
    /\.\.|\/\/|@\{|^[-/.]|\.lock$|\.$|\/$/.test(pattern.replace('{name}', 'n').replace('{version}', '1'))
  )
    throw invalid(pattern, where, 'git would refuse tags of this form')
  if (name === undefined && model === undefined)
    throw invalid(pattern, where, 'without `{name}` it is for one model alone: set it in models.yaml')
  const shape = new RegExp(
    `^${literal(before)}${name === undefined ? '' : `(?<model>.+?)${literal(between)}`}(?<version>[0-9]+\\.[0-9]+\\.[0-9]+.*)${literal(after)}$`,
  )
  return {
    parse(tag) {
      const { groups } = shape.exec(tag) ?? {}
      const version = groups && parseVersion(groups['version']!)
      const whose = name === undefined ? model : groups?.['model']
      if (version === undefined || version !== groups!['version'] || whose === undefined || !isModelName(whose))
        return undefined
      return { kind: 'version', model: whose, version, undone: false }
    },
    format: (whose, version) => `${before}${name === undefined ? '' : `${whose}${between}`}${version}${after}`,
  }
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

function invalid(pattern: string, where: string, why: string): ArtError {
  return new ArtError('CONFIG_INVALID', `the tag format ${JSON.stringify(pattern)} is refused: ${why}`, {
    path: where,
    hint: 'Write it like `{name}@v{version}` or `{name}-v{version}`.',
  })
}
