import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { objectStoreCompliance } from '../../compliance/object-store-compliance.ts'
import { openStore } from '../../open-store.ts'
import { DirectoryStore } from './store.ts'

async function folder(): Promise<{ root: string; cleanup: () => Promise<void> }> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'art-directory-'))
  return { root: path.join(root, 'not', 'there yet'), cleanup: () => rm(root, { recursive: true, force: true }) }
}

objectStoreCompliance('a directory', async () => {
  const { root, cleanup } = await folder()
  return { store: new DirectoryStore(root, { create: true }), cleanup }
})

objectStoreCompliance('a directory opened by its path', async () => {
  const { root, cleanup } = await folder()
  return { store: await openStore(root, { create: true }), cleanup }
})
