import type { AddOptions, AddResult } from '../api.ts'
import type { Repo } from '../open.ts'
import { addArtifacts } from '../workspace/add-artifacts.ts'

/** Puts data into the cache, then writes its pointer and hides it from git. A path that fails leaves its pointer as it was. */
export async function add(repo: Repo, names: readonly string[], options: AddOptions = {}): Promise<AddResult> {
  return await addArtifacts(repo, names, options)
}
