import { ArtError } from '../error.ts'
import { flag } from '../index/record.ts'
import type { Section } from '../index/section.ts'
import { TreeBudget, type TreeLimits } from '../index/tree-budget.ts'
import { ENTRY_FIXED_BYTES, NODE_HEAD_BYTES } from '../tree/node.ts'

/** Fails with `UNSUPPORTED` where nobody could check the directory out again: whoever reads a tree keeps within the limits of one. */
export function refuseUnreadable(directory: string, sections: readonly Section[], limits?: TreeLimits): void {
  const budget = new TreeBudget(limits)
  for (const { path, records, tree } of sections) {
    let nodeBytes = NODE_HEAD_BYTES
    for (let i = 0; i < records.count; i++) nodeBytes += ENTRY_FIXED_BYTES + records.nameLength(i)
    budget.addNode(tree!.oid, nodeBytes)
    for (let i = 0; i < records.count; i++) {
      const isFolder = (records.flags(i) & flag.kindMask) === flag.folder
      const excess = budget.takeEntry(isFolder, path.length + records.nameLength(i))
      if (excess === undefined) continue
      throw new ArtError('UNSUPPORTED', `as one directory this is too much: ${excess}`, {
        path: directory,
        hint: 'Add the folders in it one by one.',
      })
    }
  }
}
