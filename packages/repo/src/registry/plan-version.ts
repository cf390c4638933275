import { ArtError } from '@art/core'
import { nextVersion, predecessor } from '@art/registry/bump/next.ts'
import type { BumpProposal } from '@art/registry/bump/propose.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { ToldVersion } from '@art/registry/propose/told-versions.ts'
import { releasesOf } from '@art/registry/tag/ledger.ts'
import { type Bump, compareVersions, isPrerelease, parseVersion, type Version } from '@art/registry/version/version.ts'
import type { ReleaseOptions } from '../registry-api.ts'
import type { Registry } from './open.ts'

/** The version of a release that is about to be. */
export interface PlannedVersion {
  version: Version
  tag: string
  /** The version that it follows. */
  from: Version | undefined
  /** Undefined where the version was given, and for the first. */
  bump: Bump | undefined
  why: string[]
  notes: string[]
}

/** A version that a user typed, with or without `v`. Fails with `USAGE`. */
export function wantedVersion({ version, bump }: Pick<ReleaseOptions, 'version' | 'bump'>): Version | undefined {
  if (version === undefined) return undefined
  const parsed = parseVersion(version)
  if (parsed === undefined) {
    throw new ArtError('USAGE', `${JSON.stringify(version)} is no semantic version`, {
      path: version,
      hint: 'Write it as in 1.2.0 or 2.0.0-rc.1: semver.org.',
    })
  }
  if (bump === undefined) return parsed
  throw new ArtError('USAGE', '--version and --bump say the same thing in two ways', { hint: 'Give one of them.' })
}

/** The release that a new one follows, and is compared with. */
export function followed(registry: Registry, model: string, wanted: Version | undefined): Version | undefined {
  const ledger = registry.ledger.get(model)
  const versions = ledger === undefined ? [] : releasesOf(ledger).map(({ version }) => version)
  return predecessor(versions, { prerelease: wanted !== undefined && isPrerelease(wanted) })
}

/** What is known of the versions of a model before a new one. */
export interface Earlier {
  /** The version that the new one follows. */
  from: Version | undefined
  before: ReleaseRecord | undefined
  /** Without a version that it could follow: the highest that files of people tell of. */
  told?: ToldVersion | undefined
}

/** Which version it will be, and why. Fails with `CONFIG_INVALID` where its tag could not be read back. */
export async function planVersion(
  registry: Registry,
  model: string,
  earlier: Earlier,
  wanted: { version: Version | undefined; bump: Bump | undefined },
  propose: (before: ReleaseRecord) => Promise<BumpProposal>,
): Promise<PlannedVersion> {
  const taken = takenVersions(registry, model)
  const planned = await chosen({ ...earlier, taken }, wanted, propose)
  const format = registry.formatOf(model)
  const tag = format.format(model, planned.version)
  const word = format.parse(tag)
  if (word?.kind === 'version' && word.model === model && word.version === planned.version) return { ...planned, tag }
  throw new ArtError('CONFIG_INVALID', 'the tag would not be read back as this version of this model', {
    path: tag,
    hint: 'Look at `release.tag_format` and at `tag_format` in models.yaml.',
  })
}

type Chosen = Omit<PlannedVersion, 'tag'>

async function chosen(
  { from, before, told, taken }: Earlier & { taken: ReadonlySet<Version> },
  wanted: { version: Version | undefined; bump: Bump | undefined },
  propose: (before: ReleaseRecord) => Promise<BumpProposal>,
): Promise<Chosen> {
  if (wanted.version !== undefined) {
    const { version } = wanted
    const lower = from !== undefined && compareVersions(version, from) < 0
    const notes = lower ? [`${version} is lower than ${from}, which stays the latest`] : []
    return { version, from, bump: undefined, why: ['the version was given'], notes }
  }
  if (from === undefined && told?.version !== undefined) {
    const bump = wanted.bump ?? 'minor'
    const version = nextVersion(told.version, bump, (one) => taken.has(one))
    const why = [
      `the first version with a tag, and ${told.from} tells of ${told.text}`,
      ...(wanted.bump === undefined ? [] : [`--bump ${bump}`]),
    ]
    return { version, from, bump: undefined, why, notes: [`--version ${told.version} would release it as that one`] }
  }
  if (from === undefined) {
    const version = nextVersion(undefined, 'major', (one) => taken.has(one))
    return { version, from, bump: undefined, why: ['the first version'], notes: skipped('1.0.0', version) }
  }
  const proposal = before === undefined ? unknown(from) : await propose(before)
  const bump = wanted.bump ?? proposal.bump
  const version = nextVersion(from, bump, (one) => taken.has(one))
  const why = wanted.bump === undefined ? proposal.why : [`--bump ${bump}`, ...instead(proposal, bump)]
  const notes = [
    ...proposal.notes,
    ...skipped(
      nextVersion(from, bump, () => false),
      version,
    ),
  ]
  return { version, from, bump, why, notes }
}

function instead({ bump, why }: BumpProposal, given: Bump): string[] {
  return bump === given ? why : [`the facts ask for ${bump}: ${why.join('; ')}`]
}

/** Neither its tag nor the tree there says what it is of. */
function unknown(from: Version): BumpProposal {
  return { bump: 'minor', why: [`nothing is known of ${from}`], notes: [`${from} could not be compared with`] }
}

function skipped(first: Version, version: Version): string[] {
  return first === version ? [] : [`${first} was taken back, and its tag is still there`]
}

/** Those whose tag is there, whether or not they still count. */
function takenVersions({ ledger }: Registry, model: string): ReadonlySet<Version> {
  const events = ledger.get(model)?.events ?? []
  return new Set(events.flatMap(({ word }) => (word.kind === 'version' ? [word.version] : [])))
}
