/**
 * How a value is written and checked. `size` takes bytes or `10MB`; `path` is relative to the folder of its config file; `names` are Python's,
 * separated by commas: `module.name`, or `module.*`.
 */
export type ValueType =
  | 'text'
  | 'path'
  | 'boolean'
  | 'count'
  | 'number'
  | 'size'
  | 'seconds'
  | 'choice'
  | 'links'
  | 'list'
  | 'names'
  | 'origins'
  | 'requirements'

export interface KeySpec {
  type: ValueType
  /** As a user would write it. */
  default?: string
  choices?: readonly string[]
  /** Never accepted in the file that git commits. */
  secret?: true
  /** An approval of the user's: the file that git commits cannot give it. */
  approval?: true
  /** Written by art itself. */
  internal?: true
  doc: string
}

export const LINK_TYPES = ['reflink', 'copy', 'hardlink', 'symlink'] as const
export type LinkType = (typeof LINK_TYPES)[number]

/** Every key but those of remotes: validation, `art config`, completion and the documentation read this table. */
export const CONFIG_KEYS = {
  'core.remote': { type: 'text', doc: 'Name of the remote that `push`, `pull` and `fetch` use.' },
  'core.autostage': {
    type: 'boolean',
    default: 'false',
    doc: 'Give pointers and ignore files to `git add` as `add`, `mv` and `rm` write them, instead of printing the command.',
  },
  'core.jobs': { type: 'count', doc: 'Requests in flight at once; by default what suits the remote. `-j` wins.' },
  'core.no_git': {
    type: 'boolean',
    default: 'false',
    doc: 'The repository stands alone: git is never asked. `art init --no-git` sets it.',
  },
  'core.trusted_endpoints': {
    type: 'origins',
    approval: true,
    doc: 'Servers that may get your credentials where the committed configuration names them as `endpoint`: `https://host:port`, separated by commas. Those of all levels count.',
  },
  'core.site': {
    type: 'text',
    internal: true,
    doc: 'Random name of this clone on remotes, where git has no `origin`.',
  },
  'cache.dir': { type: 'path', default: 'cache', doc: 'Folder of the cache.' },
  'cache.type': {
    type: 'links',
    default: 'reflink,copy',
    doc: 'How whole files come into the workspace, first choice first: `reflink`, `copy`, `hardlink`, `symlink`. The last two make them read-only.',
  },
  'check.large_file': {
    type: 'size',
    default: '10MB',
    doc: 'A file of at least this size that is about to enter git is a problem to `art check`; 0 allows any.',
  },
  'check.allow_imports': {
    type: 'names',
    doc: 'What pickles may import without being `unknown` to `art scan`: `package.module.Class` or `package.*`. In the file that git commits, names that can run anything stay `unsafe`.',
  },
  'check.metrics': {
    type: 'list',
    doc: 'Metrics that the pointer of every model about to be committed must tell, from its file or by `art add --metric`: `val_acc,val_loss`. Those of data and of exported models need not.',
  },
  'models.facts': {
    type: 'boolean',
    default: 'true',
    doc: 'Read model files as they are added, and write what they say into their pointers. `off`: no `checkpoint` block, no tensor table.',
  },
  'models.metrics': {
    type: 'list',
    doc: 'Names that count as metrics, beside those that art knows by itself: `val_*,my_figure`; with `!` before one, that do not. Compared with the name and the path in the file.',
  },
  'models.state_dict': {
    type: 'text',
    doc: 'Where in a checkpoint the model is, as a path such as `ema` or `state.model`; `.` for all tensors. By default found out.',
  },
  'release.tag_format': {
    type: 'text',
    default: '{name}@v{version}',
    doc: "How the tags of new versions look, such as `{name}-v{version}`; GTO's form, `{name}@v{version}`, is read whatever it is. Without `{name}`, as in `v{version}`, only where models.yaml has one model. `tag_format` of a model there wins.",
  },
  'release.major_gain': {
    type: 'number',
    default: '0.05',
    doc: 'By how much the deciding metric must be better for `art release` to propose a major version: of metrics between 0 and 1 the difference, of others the part of the old value.',
  },
  'mlflow.uri': {
    type: 'text',
    doc: 'Address of the MLflow server that `art mlflow` speaks to: `https://host:port`. `--uri` and MLFLOW_TRACKING_URI win. Where the committed file names it, `core.trusted_endpoints` must too.',
  },
} as const satisfies Record<string, KeySpec>

/** Keys of `remote.<name>`. */
export const REMOTE_KEYS = {
  url: { type: 'path', doc: '`/dir`, `file:///dir` or `s3://bucket/prefix`.' },
  endpoint: { type: 'text', doc: 'Address of an S3 server other than AWS, such as `https://minio.example.org`.' },
  region: { type: 'text', doc: 'AWS region.' },
  profile: { type: 'text', doc: 'Profile of the AWS configuration files.' },
  compression: {
    type: 'choice',
    choices: ['auto', 'on', 'off'],
    default: 'auto',
    doc: 'Compress what is sent. `auto`: on for networks, off for directories.',
  },
  jobs: { type: 'count', doc: 'Requests in flight at once with this remote.' },
  access_key_id: { type: 'text', secret: true, doc: 'S3 access key, where the usual AWS places do not have it.' },
  secret_access_key: { type: 'text', secret: true, doc: 'S3 secret key.' },
  session_token: { type: 'text', secret: true, doc: 'S3 session token.' },
  role_arn: { type: 'text', doc: 'Role to assume before anything else.' },
  external_id: { type: 'text', doc: 'External id that the role asks for.' },
  sse: { type: 'choice', choices: ['AES256', 'aws:kms'], doc: 'Encryption at rest by the server.' },
  sse_kms_key_id: { type: 'text', doc: 'Key for `aws:kms`.' },
  ca_bundle: { type: 'path', doc: 'PEM file of certificate authorities to trust.' },
  tls_verify: { type: 'boolean', default: 'true', doc: 'Check the server certificate.' },
  anonymous: { type: 'boolean', default: 'false', doc: 'Send unsigned requests.' },
  read_only: { type: 'boolean', default: 'false', doc: 'Refuse to write to this remote.' },
  connect_timeout: { type: 'seconds', doc: 'Time for a connection to open.' },
  idle_timeout: { type: 'seconds', doc: 'Time without a byte after which a request is given up and tried again.' },
  path_style: { type: 'boolean', doc: 'Put the bucket into the path, not the host; by default so with an `endpoint`.' },
} as const satisfies Record<string, KeySpec>

/** Keys of `stages.<name>`. */
export const STAGE_KEYS = {
  requires: {
    type: 'requirements',
    doc: 'What a version must be before `art stage` gives it this stage: `safe`, `pushed`, `val_acc >= 0.9`, `not worse than current`; separated by commas.',
  },
} as const satisfies Record<string, KeySpec>

/** Sections of which each name that a user chooses has the same keys. */
const NAMED_SECTIONS: Readonly<Record<string, Record<string, KeySpec>>> = { remote: REMOTE_KEYS, stages: STAGE_KEYS }

export type ConfigKey = keyof typeof CONFIG_KEYS
export type RemoteKey = keyof typeof REMOTE_KEYS

export interface ValueOf {
  text: string
  path: string
  boolean: boolean
  count: number
  number: number
  size: number
  seconds: number
  choice: string
  links: LinkType[]
  list: string[]
  names: string[]
  origins: string[]
  requirements: string[]
}

/** `remote.<name>.<key>` taken apart; names may hold dots. */
export function remoteKeyParts(key: string): { name: string; key: string } | undefined {
  const parts = namedKeyParts(key)
  return parts?.section === 'remote' ? parts : undefined
}

/** `remote.<name>.<key>` or `stages.<name>.<key>` taken apart. */
export function namedKeyParts(key: string): { section: string; name: string; key: string } | undefined {
  const [, section, name, own] = /^([^.]+)\.(.+)\.([^.]+)$/.exec(key) ?? []
  return section === undefined || !isNamedSection(section) ? undefined : { section, name: name!, key: own! }
}

export function isNamedSection(section: string): boolean {
  return Object.hasOwn(NAMED_SECTIONS, section)
}

export function specOf(key: string): KeySpec | undefined {
  const named = namedKeyParts(key)
  const table: Record<string, KeySpec> = named === undefined ? CONFIG_KEYS : NAMED_SECTIONS[named.section]!
  const own = named === undefined ? key : named.key
  return Object.hasOwn(table, own) ? table[own] : undefined
}

/** Every name that `art config` accepts, those of remotes and stages with `<name>` in them. */
export function allKeyNames(): string[] {
  const named = Object.entries(NAMED_SECTIONS).flatMap(([section, keys]) =>
    Object.keys(keys).map((key) => `${section}.<name>.${key}`),
  )
  return [...Object.keys(CONFIG_KEYS), ...named]
}

export function environmentVariable(key: string): string {
  return `ART_${key.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()}`
}
