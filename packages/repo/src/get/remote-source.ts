import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ArtError } from '@art/core'
import { DESCRIPTOR_KEY } from '@art/remote/layout/keys.ts'
import { parseStoreUrl } from '@art/remote/open-store.ts'
import type { RemoteSettings } from '../config/config.ts'
import { isLocalPath } from '../config/value.ts'
import { openRemoteStore, openSettings, type RemoteContext } from '../exchange/open-store.ts'
import type { GetOrigin } from './find.ts'

/** How a typed S3 url is reached. */
export interface TypedSettings {
  endpoint?: string | undefined
  region?: string | undefined
  profile?: string | undefined
}

/**
 * The remote that a name stands for: `s3://bucket/prefix`, a folder or a `file://` address where a remote's layout file is, or one that the
 * configuration here has under that name. Undefined for anything else. What is typed is the user's own decision, who gets credentials included; what a
 * committed configuration names is none. Fails with `USAGE` for settings of anything but a typed S3 url, and with `CONFIG_INVALID` for a url that cannot be.
 */
export function remoteSource(
  name: string,
  cwd: string,
  place: RemoteContext,
  typed: TypedSettings,
): GetOrigin | undefined {
  const { config } = place
  const isS3 = /^s3:\/\//i.test(name)
  const flag = (['endpoint', 'region', 'profile'] as const).find((key) => typed[key] !== undefined)
  if (flag !== undefined && !isS3)
    throw new ArtError('USAGE', `--${flag} is of a remote that is typed as s3://bucket/prefix`, {
      path: name,
      hint: 'A repository and a named remote have their own settings.',
    })
  const url = isS3 ? name : folderOf(name, cwd)
  if (url !== undefined) {
    parseStoreUrl(url)
    const settings: RemoteSettings = { ...UNTOLD, ...typed, name, url, jobs: config.get('core.jobs') }
    return { open: ({ jobs }) => openSettings(settings, 'read', jobs) }
  }
  const isNamed = !existsSync(resolve(cwd, name)) && config.remotes().some((remote) => remote.name === name)
  return isNamed ? { open: ({ jobs }) => openRemoteStore(place, name, 'read', jobs) } : undefined
}

/** What nobody says of a typed url. */
const UNTOLD = { compression: 'auto', tlsVerify: true, anonymous: false, readOnly: true } as const

function folderOf(name: string, cwd: string): string | undefined {
  const isUrl = /^file:\/\//i.test(name)
  if (!isUrl && !isLocalPath(name)) return undefined
  const url = isUrl ? name : resolve(cwd, name)
  const place = isUrl ? safely(url) : ({ kind: 'directory', root: url } as const)
  return place?.kind === 'directory' && existsSync(join(place.root, DESCRIPTOR_KEY)) ? url : undefined
}

/** An address that names no folder of this machine is no remote; what it is otherwise tells git. */
function safely(url: string): ReturnType<typeof parseStoreUrl> | undefined {
  try {
    return parseStoreUrl(url)
  } catch {
    return undefined
  }
}
