import type { CallOptions } from '@art/core'
import type { CheckoutResult, Failure, TransferResult } from '@art/repo/api.ts'
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
export function fromHere(
  repo: Repo,
): <T extends { path: string; pointer?: string; previousPath?: string }>(item: T) => T {
  if (repo.prefix === '') return (item) => item
  return (item) => ({
    ...item,
    path: typedPath(repo, item.path),
    ...(item.pointer !== undefined && { pointer: typedPath(repo, item.pointer) }),
    ...(item.previousPath !== undefined && { previousPath: typedPath(repo, item.previousPath) }),
  })
}

/** Results with the paths of what was not done, and other lists of paths, as `fromHere` gives them. */
export function failedFromHere<T extends { failed: readonly Failure[] }>(repo: Repo, result: T): T {
  return { ...result, failed: result.failed.map(fromHere(repo)) }
}

export function transferFromHere<T extends TransferResult>(repo: Repo, result: T): T {
  const { would } = result
  return { ...failedFromHere(repo, result), ...(would && { would: would.map(fromHere(repo)) }) }
}

export function checkoutFromHere(repo: Repo, result: CheckoutResult): CheckoutResult {
  return {
    ...failedFromHere(repo, result),
    added: pathsFromHere(repo, result.added),
    modified: pathsFromHere(repo, result.modified),
    removed: pathsFromHere(repo, result.removed),
    unchanged: pathsFromHere(repo, result.unchanged),
    ...(result.pointers && { pointers: pathsFromHere(repo, result.pointers) }),
  }
}

export function pathsFromHere(repo: Repo, paths: readonly string[]): string[] {
  return repo.prefix === '' ? [...paths] : paths.map((path) => typedPath(repo, path))
}
