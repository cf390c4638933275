import { join } from 'node:path'
import type { ConfigChange, ConfigEntry } from '../api.ts'
import { changed } from '../config/change.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { type ConfigPlace, knownKey, setConfig, unsetConfig } from '../config/edit.ts'
import type { ConfigLevel, FileLevel } from '../config/level.ts'
import { findGit } from '../git/place.ts'
import { findRoot, realFolder } from '../open.ts'
import { refuseTracked } from '../trust/tracked.ts'

/** A repository's settings, or outside one those of the user and the machine. An open `Repo` is one. */
export interface ConfigScope extends ConfigPlace {
  config: Config
}

/** `art config --global` works anywhere, so this does not ask for a repository. */
export async function openConfig(options: { cwd: string; environment?: NodeJS.ProcessEnv }): Promise<ConfigScope> {
  const { environment = process.env } = options
  const cwd = realFolder(options.cwd)
  const root = findRoot(cwd)
  const artDir = root === undefined ? undefined : join(root, '.art')
  const git = root === undefined ? undefined : findGit(root, environment)
  if (root !== undefined && git !== undefined) await refuseTracked(root, git, environment)
  return { artDir, cwd, environment, config: await loadConfig({ artDir, cwd, environment }) }
}

/** One key: in force, or as one level has it. Fails with `USAGE` for an unknown key. */
export function configGet(
  scope: ConfigScope,
  key: string,
  options: { level?: ConfigLevel } = {},
): ConfigEntry | undefined {
  knownKey(key)
  if (options.level === undefined) return scope.config.entry(key)
  return configList(scope, options).find((entry) => entry.key === key)
}

/** Keys that are set, sorted; all that exist with `defaults`. */
export function configList(
  scope: ConfigScope,
  options: { level?: ConfigLevel; defaults?: boolean } = {},
): ConfigEntry[] {
  return scope.config.entries(options)
}

export async function configSet(
  scope: ConfigPlace,
  level: FileLevel,
  key: string,
  value: string,
): Promise<ConfigChange> {
  return changed(level, await setConfig(scope, level, { [key]: value }))
}

/** Returns undefined where the level does not have the key. */
export async function configUnset(
  scope: ConfigPlace,
  level: FileLevel,
  key: string,
): Promise<ConfigChange | undefined> {
  knownKey(key)
  const path = await unsetConfig(scope, level, key)
  return path === undefined ? undefined : changed(level, path)
}
