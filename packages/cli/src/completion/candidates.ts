import { resolve } from 'node:path'
import { allKeyNames } from '@art/repo/config/keys.ts'
import type { Registry } from '@art/repo/registry/open.ts'
import { openRepo, type Repo } from '@art/repo/open.ts'
import { findPointers } from '@art/repo/target/find.ts'
import { typedPath } from '@art/repo/target/path.ts'
import type { Completes } from '../command/spec.ts'

/** What there is of a kind, in the repository around the folder. */
export async function candidatesFor(what: Exclude<Completes, 'path' | 'model'>, folder: string): Promise<string[]> {
  const repo = await openRepo({ cwd: resolve(folder) })
  if (what === 'name') return await names(repo)
  if (what === 'release') return [...(await names(repo)), ...(await releases(repo))]
  if (what === 'stage') return await stageNames(repo)
  if (what === 'remote') return repo.config.remotes().map(({ name }) => name)
  const artifacts = async (): Promise<string[]> =>
    (await findPointers(repo)).artifacts.map(({ path }) => typedPath(repo, path))
  if (what === 'artifact') return await artifacts()
  if (what === 'target') return [...(await artifacts()), ...(await releases(repo))]
  const remotes = repo.config.remotes()
  if (what === 'key') {
    const set = repo.config.entries().map(({ key }) => key)
    const known = allKeyNames().flatMap((key) => {
      if (!key.includes('<name>')) return [key]
      return key.startsWith('remote.') ? remotes.map(({ name }) => key.replace('<name>', name)) : []
    })
    return [...new Set([...known, ...set])]
  }
  const { runGit } = await import('@art/repo/git/run.ts')
  const answer = await runGit(repo, ['for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/tags'])
  return answer.stdout
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '')
}

/** Undefined where there is no git, or where the tags cannot be read. */
async function registryOf(repo: Repo): Promise<Registry | undefined> {
  const { openRegistry } = await import('@art/repo/registry/open.ts')
  return await openRegistry(repo).catch(() => undefined)
}

async function names(repo: Repo): Promise<string[]> {
  const registry = await registryOf(repo)
  return [...new Set([...(registry?.models.keys() ?? []), ...(registry?.ledger.keys() ?? [])])]
}

async function stageNames(repo: Repo): Promise<string[]> {
  const { stagesOf } = await import('@art/registry/tag/ledger.ts')
  const ledgers = [...((await registryOf(repo))?.ledger.values() ?? [])]
  return [...new Set(ledgers.flatMap((ledger) => [...stagesOf(ledger).keys()]))]
}

/** `resnet@v1.2.0`, `resnet#prod`, and the shortcuts. */
async function releases(repo: Repo): Promise<string[]> {
  const { releasesOf, stagesOf } = await import('@art/registry/tag/ledger.ts')
  const registry = await registryOf(repo)
  return [...(registry?.ledger ?? [])].flatMap(([model, ledger]) => {
    const versions = releasesOf(ledger).map(({ version }) => `${model}@v${version}`)
    const stages = [...stagesOf(ledger).keys()].map((stage) => `${model}#${stage}`)
    return versions.length === 0 ? stages : [...versions, `${model}@latest`, `${model}@greatest`, ...stages]
  })
}
