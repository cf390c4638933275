import { withoutKind, withoutExtension } from './model-name.ts'

/** What stands before a version, and the version as it is written. */
export interface NamedVersion {
  name: string
  version?: string
}

const VERSION = /(?:^|[\s_@(,-])(?<version>v\d+(?:\.\d+)*|\d+\.\d+(?:\.\d+)*)(?<more>[-+][\w.+-]*\w)?(?!\.?\w)/i
/** Whoever wrote it, it costs no time. */
const MAX_TEXT = 300

/** `ResNet-18 v2.3.0 (baseline)` is version v2.3.0 of ResNet-18. */
export function namedVersion(text: string): NamedVersion {
  const found = VERSION.exec(text.slice(0, MAX_TEXT))
  if (found === null) return { name: text }
  const { version, more = '' } = found.groups as { version: string; more?: string }
  return { name: text.slice(0, found.index), version: version + more }
}

/** `models/resnet_best_v2.3.0.pth` is version v2.3.0 of resnet. Undefined for a file whose name does not end in a version. */
export function versionOfFile(path: string): NamedVersion | undefined {
  const stem = withoutExtension(path.slice(path.lastIndexOf('/') + 1))
  const { name, version } = namedVersion(stem)
  return version !== undefined && stem.endsWith(version) ? { name: withoutKind(name), version } : undefined
}
