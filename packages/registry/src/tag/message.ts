import { formatPlainYaml, parsePlainYaml, type YamlMap } from '@art/core/yaml/plain.ts'

/** What a tag of art says beside its name: for machines, in the last paragraph of the message. */
export interface TagFacts {
  /** Of the data, relative to the repository's root. */
  path?: string
  /** 64 hex digits. */
  oid?: string
  kind?: 'f' | 'd'
  /** Bytes. */
  size?: number
  /** `sha256:` and 64 hex digits. */
  weights?: string
  /** The commit that holds the pointer as it was released; full hash. */
  gitCommit?: string
  /** Of a stage's tag: the version that got the stage, where more than one is on its commit. */
  version?: string
  /** Of an assignment that passed over the gate of its stage: why. */
  forced?: string
  /** Of both tags of a rollback: the version that lost the stage. */
  rolledBack?: string
}

const MESSAGE_VERSION = 1

/** Message of an annotated tag: a line for people, what they wrote, and lines for machines. */
export function formatTagMessage(subject: string, facts: TagFacts, text?: string): string {
  const lines: YamlMap = new Map<string, string | number>([['art', MESSAGE_VERSION]])
  const put = (key: string, value: string | number | undefined): void =>
    void (value !== undefined && lines.set(key, value))
  put('version', facts.version)
  put('path', facts.path)
  put('kind', facts.kind === 'd' ? 'directory' : undefined)
  put('oid', facts.oid && `sha256:${facts.oid}`)
  put('size', facts.size)
  put('weights', facts.weights)
  put('git_commit', facts.gitCommit)
  put('forced', facts.forced)
  put('rolled_back', facts.rolledBack)
  // git takes what follows such a line for a signature, and would not show the facts as part of the message.
  const own = text?.trim().replaceAll(/^(?=-----BEGIN )/gm, ' ')
  return `${subject}\n\n${own ? `${own}\n\n` : ''}${formatPlainYaml(lines)}`
}

/** Of a message that art wrote; undefined for any other. What is not as art writes it is left out. */
export function parseTagMessage(message: string): TagFacts | undefined {
  const body = message.trimEnd()
  const lines = parsePlainYaml(`${body.slice(body.lastIndexOf('\n\n') + 2)}\n`)
  if (lines === undefined || typeof lines.get('art') !== 'number') return undefined
  const text = (key: string, shape: RegExp): string | undefined => {
    const value = lines.get(key)
    return typeof value === 'string' && shape.test(value) ? value : undefined
  }
  const size = lines.get('size')
  const facts: { [K in keyof TagFacts]: TagFacts[K] | undefined } = {
    version: text('version', /^[0-9][\w.+-]*$/),
    path: text('path', /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\n]+$/),
    kind: lines.get('kind') === 'directory' ? 'd' : lines.has('oid') ? 'f' : undefined,
    oid: text('oid', /^sha256:[0-9a-f]{64}$/)?.slice('sha256:'.length),
    size: Number.isSafeInteger(size) && (size as number) >= 0 ? (size as number) : undefined,
    weights: text('weights', /^sha256:[0-9a-f]{64}$/),
    gitCommit: text('git_commit', /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
    forced: text('forced', /^[^\n]*$/),
    rolledBack: text('rolled_back', /^[0-9][\w.+-]*$/),
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as TagFacts
}

/** What a person wrote into a message beside its first line; of a tag that art did not make, all of it but the line that GTO writes by itself. */
export function tagText(message: string): string {
  const [subject = '', ...paragraphs] = message.trim().split('\n\n')
  if (parseTagMessage(message) !== undefined) return paragraphs.slice(0, -1).join('\n\n').trim()
  return [...(BY_GTO.test(subject) ? [] : [subject]), ...paragraphs].join('\n\n').trim()
}

/** GTO 1.9, `gto/registry.py`: what it writes where `-m` gives nothing else. */
const BY_GTO =
  /^(?:Registering artifact|Deregistering artifact|Assigning stage|Unassigning stage|Deprecating artifact) \S.*$/
