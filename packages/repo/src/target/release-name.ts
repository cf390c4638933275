/** What a name such as `resnet@v1.2.0` asks for. */
export interface ReleaseName {
  model: string
  /** `latest`, `greatest`, a version or the start of one, without `v`; or a stage. */
  wanted: { version: string } | { stage: string }
}

/** GTO's names (`registry/tag/grammar.ts`) and shortcuts; the `v` of a version may be left out. What a revision or an address looks like is none. */
const NAME =
  /^(?<model>[a-zA-Z0-9](?:[a-zA-Z0-9-/_]*[a-zA-Z0-9])?)(?:@v?(?<version>latest|greatest|[0-9]+(?:\.[0-9]+)*[0-9A-Za-z.+-]*)|#(?<stage>[a-zA-Z0-9](?:[a-zA-Z0-9-/_]*[a-zA-Z0-9])?))$/

/** Cheap, so that nothing of the registry is loaded for names of another form. */
export function parseReleaseName(name: string): ReleaseName | undefined {
  if (name.length > 500 || !/[@#]/.test(name)) return undefined
  const { model, version, stage } = NAME.exec(name)?.groups ?? {}
  if (model === undefined) return undefined
  return { model, wanted: stage === undefined ? { version: version! } : { stage } }
}
