import type { CallOptions } from '@art/core'
import { openRepo, type Repo } from '@art/repo/open.ts'
import { typedPath } from '@art/repo/target/path.ts'
import type { Context } from './spec.ts'

/** The repository around the current folder; what its settings should be told about is told. */
export async function openHere(context: Context): Promise<Repo> {
  const repo = await openRepo({ cwd: context.cwd })
  for (const message of repo.config.warnings) context.onEvent({ type: 'warning', message })
  return repo
}

export function callOptions({ signal, onEvent }: Context): CallOptions {
  return { signal, onEvent }
}

/** Options as the library wants them: what was not given is not there. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** The library speaks from the repository's root; people and scripts from where they are. */
export function fromHere(repo: Repo): <T extends { path: string; pointer?: string }>(item: T) => T {
  if (repo.prefix === '') return (item) => item
  return (item) => ({
    ...item,
    path: typedPath(repo, item.path),
    ...(item.pointer !== undefined && { pointer: typedPath(repo, item.pointer) }),
  })
}

export function pathsFromHere(repo: Repo, paths: readonly string[]): string[] {
  return repo.prefix === '' ? [...paths] : paths.map((path) => typedPath(repo, path))
}
