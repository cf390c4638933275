import { scanFile, weightsOnly } from '@art/checkpoint/scan/scan.ts'
import { worse } from '@art/checkpoint/scan/report.ts'
import type { CallOptions } from '@art/core'
import { loadConfig } from '../config/config.ts'
import type { ScanOptions, ScannedFile, ScanResult } from '../model-api.ts'
import { allowedImports, refusedWarning } from '../model/allow.ts'
import { isAboutRemote, withRemoteContents } from '../model/remote.ts'
import { allTargets, type ScanPlace, type ScanTarget, scanTargets } from '../model/scan-targets.ts'
import { findRoot, openRepo, realFolder } from '../open.ts'
import { failureOf } from '../target/find.ts'
import { withSession } from '../workspace/session.ts'

/**
 * What the pickles in model files import and call; nothing of them is run. Works on files and folders anywhere, and in a repository on
 * what it tracks, all of that without a name. What cannot be read is in `failed`. Fails with `USAGE` without a name outside of a repository.
 */
export async function scan(names: readonly string[], options: ScanOptions): Promise<ScanResult> {
  const { environment = process.env } = options
  const cwd = realFolder(options.cwd)
  if (findRoot(cwd) === undefined) {
    const config = await loadConfig({ cwd, environment })
    const allow = allowedImports(config).names
    return await scanAll(names, { session: undefined, remote: undefined, cwd, failed: [] }, allow, options)
  }
  const repo = await openRepo({ cwd, environment })
  for (const message of repo.config.warnings) options.onEvent?.({ type: 'warning', message })
  const allowed = allowedImports(repo.config)
  const refused = refusedWarning(allowed)
  if (refused !== undefined) options.onEvent?.({ type: 'warning', message: refused })
  return await withSession(repo, options, (session) =>
    withRemoteContents(session, options, (remote) =>
      scanAll(names, { session, remote, cwd, failed: [] }, allowed.names, options),
    ),
  )
}

async function scanAll(
  names: readonly string[],
  place: ScanPlace,
  allow: readonly string[],
  options: CallOptions,
): Promise<ScanResult> {
  const { failed } = place
  const result: ScanResult = { verdict: 'safe', scanned: [], others: 0, failed }
  const fail = (error: unknown, path: string): void => {
    options.signal?.throwIfAborted()
    // What is on this machine is scanned all the same, and nobody waits for a dead remote twice.
    if (isAboutRemote(error)) place.remote = undefined
    failed.push(failureOf(error, path))
  }
  const wanted = names.length > 0 ? names : await allTargets(place)
  for (const name of wanted) {
    try {
      for await (const found of scanTargets(place, name)) {
        const target = { ...found, named: found.named && names.length > 0 }
        options.signal?.throwIfAborted()
        try {
          take(await scanTarget(target, allow, options), target, result)
        } catch (error) {
          fail(error, target.path)
        }
      }
    } catch (error) {
      fail(error, name)
    }
  }
  return result
}

/** In a folder lie files of all kinds; one that was named is answered for. */
function take(found: ScannedFile, { named }: ScanTarget, result: ScanResult): void {
  const { format, imports, pickles, verdict } = found
  if (!named && format === undefined && imports.length === 0 && pickles === 0) {
    result.others++
    return
  }
  result.scanned.push(found)
  result.verdict = worse(result.verdict, verdict)
}

async function scanTarget(target: ScanTarget, allow: readonly string[], options: CallOptions): Promise<ScannedFile> {
  const content = await target.open()
  try {
    const { source, openBeside } = content
    const report = await scanFile(source, { ...options, allow, ...(openBeside === undefined ? {} : { openBeside }) })
    const { format, verdict, complete, imports, pickles, problems, notes } = report
    return {
      path: target.path,
      ...(format === undefined ? {} : { format }),
      verdict,
      complete,
      imports,
      pickles: pickles.length,
      problems,
      notes,
      weightsOnly: weightsOnly(report),
    }
  } finally {
    await content.close()
  }
}
