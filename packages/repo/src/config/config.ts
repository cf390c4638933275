import { ArtError } from '@art/core'
import type { ConfigEntry, RemoteEntry } from '../api.ts'
import {
  type ConfigKey,
  CONFIG_KEYS,
  type KeySpec,
  namedKeyParts,
  REMOTE_KEYS,
  type RemoteKey,
  specOf,
  STAGE_KEYS,
  type ValueOf,
} from './keys.ts'
import {
  configPath,
  type ConfigLevel,
  FILE_LEVELS,
  type LoadedLevel,
  loadEnvironment,
  loadLevel,
  remoteNamesIn,
} from './level.ts'
import { closest } from './suggest.ts'
import { absolutePath, parseValue } from './value.ts'

type Table = typeof CONFIG_KEYS
type Value<K extends ConfigKey> = ValueOf[Table[K]['type']] | (Table[K] extends { default: string } ? never : undefined)

/** What one remote is set to, over all levels. Local places and files are absolute. */
export interface RemoteSettings {
  name: string
  url: string
  compression: 'auto' | 'on' | 'off'
  tlsVerify: boolean
  anonymous: boolean
  readOnly: boolean
  endpoint?: string | undefined
  region?: string | undefined
  profile?: string | undefined
  jobs?: number | undefined
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  sessionToken?: string | undefined
  roleArn?: string | undefined
  externalId?: string | undefined
  sse?: string | undefined
  sseKmsKeyId?: string | undefined
  caBundle?: string | undefined
  /** Seconds. */
  connectTimeout?: number | undefined
  /** Seconds. */
  idleTimeout?: number | undefined
  pathStyle?: boolean | undefined
}

/** The settings in force: environment before local before project before global before system before defaults. */
export class Config {
  /** Lowest first. */
  readonly #levels: readonly LoadedLevel[]
  readonly repoId: string | undefined
  /** What is unknown or ignored in the files, one sentence each. */
  readonly warnings: readonly string[]

  constructor(levels: readonly LoadedLevel[]) {
    this.#levels = levels
    this.repoId = levels.find(({ level }) => level === 'project')?.repoId
    this.warnings = levels.flatMap(({ warnings }) => warnings)
  }

  /** The value in force, typed; paths are absolute, except the default of `cache.dir`, which is relative to `.art`. */
  get<K extends ConfigKey>(key: K): Value<K> {
    const spec: KeySpec = CONFIG_KEYS[key]
    return this.#read(key, spec) as Value<K>
  }

  /** What each of some levels says, where it says something. */
  all<K extends ConfigKey>(key: K, among: (level: ConfigLevel) => boolean): ValueOf[Table[K]['type']][] {
    const found = this.#levels.filter(({ level }) => among(level)).map(({ values }) => values.get(key)?.text)
    return found.flatMap((text) => (text === undefined ? [] : [parseValue<Table[K]['type']>(CONFIG_KEYS[key], text)]))
  }

  #read(key: string, spec: KeySpec): ValueOf[KeySpec['type']] | undefined {
    const found = this.#find(key)
    if (found !== undefined)
      return spec.type === 'path' ? absolutePath(found.text, found.base) : parseValue(spec, found.text)
    return spec.default === undefined ? undefined : parseValue(spec, spec.default)
  }

  #find(key: string): { text: string; base: string; origin: string; level: ConfigLevel } | undefined {
    for (let i = this.#levels.length - 1; i >= 0; i--) {
      const { level, base, values } = this.#levels[i]!
      const value = values.get(key)
      if (value !== undefined) return { ...value, base, level }
    }
    return undefined
  }

  /** One key as written, with where it comes from; a default counts. */
  entry(key: string): ConfigEntry | undefined {
    const found = this.#find(key)
    if (found !== undefined) return { key, value: found.text, level: found.level, origin: found.origin }
    const value = specOf(key)?.default
    return value === undefined ? undefined : { key, value, level: 'default', origin: 'default' }
  }

  /** What is set, sorted by key; of one level, or the value in force of each key. Secrets are masked. */
  entries(options: { level?: ConfigLevel; defaults?: boolean } = {}): ConfigEntry[] {
    const keys = new Set<string>(options.defaults ? Object.keys(CONFIG_KEYS) : [])
    const levels = this.#levels.filter(({ level }) => options.level === undefined || level === options.level)
    for (const { values } of levels) for (const key of values.keys()) keys.add(key)
    const entries: ConfigEntry[] = []
    for (const key of [...keys].sort()) {
      if (specOf(key)?.internal) continue
      const own = options.level === undefined ? undefined : levels[0]?.values.get(key)
      const entry =
        own === undefined ? this.entry(key) : { key, value: own.text, level: options.level!, origin: own.origin }
      if (entry !== undefined) entries.push(specOf(key)?.secret ? { ...entry, value: '********' } : entry)
    }
    return entries
  }

  /** What a version must be before it gets a stage, as written; empty where nothing is asked. */
  stageRequires(stage: string): string[] {
    return (this.#read(`stages.${stage}.requires`, STAGE_KEYS.requires) as string[] | undefined) ?? []
  }

  /** Stages that require something. */
  guardedStages(): string[] {
    const names = this.#levels.flatMap(({ values }) => [...values.keys()].map(namedKeyParts))
    return [...new Set(names.flatMap((parts) => (parts?.section === 'stages' ? [parts.name] : [])))]
  }

  defaultRemote(): string | undefined {
    const names = this.#remoteNames()
    return this.get('core.remote') ?? (names.length === 1 ? names[0] : undefined)
  }

  remotes(): RemoteEntry[] {
    const standard = this.defaultRemote()
    return this.#remoteNames().map((name) => ({ name, url: this.remote(name).url, default: name === standard }))
  }

  #remoteNames(): string[] {
    return remoteNamesIn(this.#levels).filter((name) => this.#find(`remote.${name}.url`) !== undefined)
  }

  /** The remote of that name, or the default one. Fails with `REMOTE_UNKNOWN`. */
  remote(name?: string): RemoteSettings {
    const wanted = name ?? this.defaultRemote()
    if (wanted === undefined || this.#find(`remote.${wanted}.url`) === undefined) throw this.#unknown(wanted)
    const read = <K extends RemoteKey>(key: K) =>
      this.#read(`remote.${wanted}.${key}`, REMOTE_KEYS[key]) as ValueOf[(typeof REMOTE_KEYS)[K]['type']] | undefined
    return {
      name: wanted,
      url: read('url')!,
      compression: read('compression') as RemoteSettings['compression'],
      tlsVerify: read('tls_verify')!,
      anonymous: read('anonymous')!,
      readOnly: read('read_only')!,
      endpoint: read('endpoint'),
      region: read('region'),
      profile: read('profile'),
      jobs: read('jobs') ?? this.get('core.jobs'),
      accessKeyId: read('access_key_id'),
      secretAccessKey: read('secret_access_key'),
      sessionToken: read('session_token'),
      roleArn: read('role_arn'),
      externalId: read('external_id'),
      sse: read('sse'),
      sseKmsKeyId: read('sse_kms_key_id'),
      caBundle: read('ca_bundle'),
      connectTimeout: read('connect_timeout'),
      idleTimeout: read('idle_timeout'),
      pathStyle: read('path_style'),
    }
  }

  #unknown(wanted: string | undefined): ArtError {
    const names = this.#remoteNames()
    const add = 'Add one with `art remote add -d <name> <url>`.'
    if (names.length === 0) {
      const message =
        wanted === undefined ? 'no remote is set up' : `there is no remote named ${JSON.stringify(wanted)}`
      return new ArtError('REMOTE_UNKNOWN', message, { path: wanted, hint: add })
    }
    if (wanted === undefined) {
      return new ArtError('REMOTE_UNKNOWN', 'there are several remotes and no default', {
        hint: `Choose one with \`art remote default <name>\` or \`-r <name>\`: ${names.join(', ')}.`,
      })
    }
    const near = closest(wanted, names)
    return new ArtError('REMOTE_UNKNOWN', `there is no remote named ${JSON.stringify(wanted)}`, {
      path: wanted,
      hint:
        near === undefined
          ? `Name one of: ${names.join(', ')}.`
          : `Did you mean ${near}? There are: ${names.join(', ')}.`,
    })
  }
}

/** Reads all levels. `artDir` is undefined outside a repository. */
export async function loadConfig(place: {
  artDir?: string | undefined
  cwd: string
  environment: NodeJS.ProcessEnv
}): Promise<Config> {
  const levels: LoadedLevel[] = []
  for (const level of FILE_LEVELS) {
    const path = configPath(level, place.artDir, place.environment)
    const loaded = path === undefined ? undefined : await loadLevel(level, path)
    if (loaded !== undefined) levels.push(loaded)
  }
  levels.push(loadEnvironment(place.environment, place.cwd, remoteNamesIn(levels)))
  return new Config(levels)
}
