import type { CurrentFiles } from './make-files.ts'
import { isOwnMetadata } from './metadata.ts'
import { parsePage } from './page-blocks.ts'
import { isOwnEntry, parseRegistry } from './registry-json.ts'

/** Whether anything in the files was written by art. What cannot be read tells nothing. */
export async function tellsOfReleases({ registry, page, metadata }: CurrentFiles): Promise<boolean> {
  if (registry !== undefined && hasAny(() => parseRegistry(registry).entries.filter(isOwnEntry))) return true
  if (page !== undefined && hasAny(() => parsePage(page).blocks)) return true
  for (const [path, text] of metadata) if (await isOwnMetadata(text, path)) return true
  return false
}

function hasAny(find: () => readonly unknown[]): boolean {
  try {
    return find().length > 0
  } catch {
    return false
  }
}
