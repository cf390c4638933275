import { hasSameContent } from '../index/compare.ts'
import { flag } from '../index/record.ts'
import { parentOf, type Section } from '../index/section.ts'

/**
 * Makes the folders of a tree say what the workspace holds after a checkout: entries that were not written keep what the scan before has
 * seen. A folder that thereby is not what the tree says loses its tree, and so do those above it.
 */
export function settleSections(scanned: readonly Section[], sections: readonly Section[]): Section[] {
  const seen = new Map(scanned.map((section) => [section.path, section]))
  const differing = new Set<string>()
  for (const section of sections) {
    if (!keepSeen(section, seen.get(section.path))) markUpwards(differing, section.path)
  }
  return sections.map((section) => {
    if (!differing.has(section.path)) return section
    const { path, names, records } = section
    return { path, names, records }
  })
}

/** Tells whether every entry is now what the tree says. */
function keepSeen({ names, records }: Section, old: Section | undefined): boolean {
  let same = true
  const places = old && new Map(old.names.map((name, i) => [name, i]))
  for (let at = 0; at < names.length; at++) {
    const flags = records.flags(at)
    if ((flags & flag.stat) !== 0 || (flags & flag.kindMask) === flag.folder) continue
    const from = places?.get(names[at]!)
    if (from === undefined) same = false
    else {
      same &&= hasSameContent(records, at, old!.records, from)
      records.copyFrom(at, old!.records, from)
    }
  }
  return same
}

function markUpwards(differing: Set<string>, path: string): void {
  for (let folder = path; !differing.has(folder); folder = parentOf(folder)) differing.add(folder)
}
