import semverCompare from 'semver/functions/compare.js'
import increment from 'semver/functions/inc.js'
import parse from 'semver/functions/parse.js'

/** Semantic version without `v`, as in `1.2.3-rc.1`: semver.org 2.0.0. */
export type Version = string

export type Bump = 'major' | 'minor' | 'patch'

/** The version of a text such as `1.2.3` or `v1.2.3-rc.1`; undefined for anything else. Build metadata is kept. */
export function parseVersion(text: string): Version | undefined {
  const parsed = parse(text.startsWith('v') ? text.slice(1) : text)
  if (parsed === null) return undefined
  return parsed.build.length === 0 ? parsed.version : `${parsed.version}+${parsed.build.join('.')}`
}

/** By semantic precedence: negative where `a` is the older one. Versions that differ in build metadata alone are ordered by it as text. */
export function compareVersions(a: Version, b: Version): number {
  return semverCompare(a, b) || (a < b ? -1 : a > b ? 1 : 0)
}

/** The next version; from a pre-release the release it prepares, where that is at least this bump. */
export function bumpVersion(version: Version, bump: Bump): Version {
  return increment(version, bump) as Version
}

export function isPrerelease(version: Version): boolean {
  return (parse(version)?.prerelease.length ?? 0) > 0
}
