import { bumpVersion, type Bump, compareVersions, isPrerelease, type Version } from '../version/version.ts'

/** Where nothing was released before. */
export const FIRST_VERSION: Version = '1.0.0'

/**
 * The version that a bump leads to; past those whose tag is there already though they do not count, as of one that was taken back.
 */
export function nextVersion(from: Version | undefined, bump: Bump, isTaken: (version: Version) => boolean): Version {
  let version = from === undefined ? FIRST_VERSION : bumpVersion(from, bump)
  while (isTaken(version)) version = bumpVersion(version, bump)
  return version
}

/**
 * The version that a new one follows: the highest that is no pre-release; for a pre-release, and where there are only such, the highest of all.
 */
export function predecessor(
  versions: readonly Version[],
  { prerelease }: { prerelease: boolean },
): Version | undefined {
  const sorted = [...versions].sort(compareVersions)
  return (prerelease ? undefined : sorted.findLast((version) => !isPrerelease(version))) ?? sorted.at(-1)
}
