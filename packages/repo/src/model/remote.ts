import { type CallOptions, isArtError } from '@art/core'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { openRemoteFile, type RemoteFileContext } from '@art/remote/transfer/remote-file.ts'
import { openRemoteFolder, type RemoteFolder } from '@art/remote/transfer/remote-folder.ts'
import { atRemote, type OpenRemote, openRemoteStore } from '../exchange/open-store.ts'
import { relativesOf } from '../exchange/relatives.ts'
import { callOptions } from '../exchange/transfer.ts'
import type { Session } from '../workspace/session.ts'
import type { Content } from './content.ts'
import { remoteFolderContent } from './remote-folder-content.ts'

export interface RemoteOptions extends CallOptions {
  /** The default one where it is not named. */
  remote?: string | undefined
  jobs?: number | undefined
  /** Much of each content will be read: worker threads and what this machine has of earlier versions then pay. */
  much?: boolean
}

export interface RemotePlace {
  path: string
  name: string
  inside?: string | undefined
}

/** Contents of a remote, read by ranges: `art show` of a model of gigabytes costs some hundred kilobytes. */
export interface RemoteContents {
  /**
   * `path` of the artifact from the root, by which earlier versions are found; `name` is what errors call it. Of a directory the model that it
   * holds, or the file `inside` it. Undefined for a directory without that, and where no remote is set up and none was named. Fails as
   * `openRemoteFile` and `openRemoteFolder` do.
   */
  open(pointer: Pointer, place: RemotePlace): Promise<Content | undefined>
  /** All files of a directory; whoever asks closes its stream. Undefined and failures as of `open`. */
  openFolder(pointer: Pointer, place: RemotePlace): Promise<RemoteFolder | undefined>
}

/** The remote is opened with the first content that is asked for, and closed after the work. */
export async function withRemoteContents<T>(
  session: Session,
  options: RemoteOptions,
  work: (contents: RemoteContents) => Promise<T>,
): Promise<T> {
  const { repo } = session
  const { remote, jobs } = options
  let opened: Promise<OpenRemote> | undefined
  const contextOf = async (
    { oid, size, kind }: Pointer,
    { path }: RemotePlace,
  ): Promise<RemoteFileContext | undefined> => {
    if (remote === undefined && repo.config.defaultRemote() === undefined) return undefined
    const { store } = await (opened ??= openRemoteStore(repo, remote, 'read', jobs))
    const context: RemoteFileContext = {
      ...callOptions(options),
      store,
      cache: session.cache,
      pool: () => session.pool({ files: 1, bytes: options.much === true ? size : 0 }),
    }
    if (options.much === true) context.relatives = () => relativesOf(repo, { oid, size, kind, path })
    return context
  }
  const openFolder: RemoteContents['openFolder'] = async (pointer, place) => {
    const context = await contextOf(pointer, place)
    const { oid, size, files } = pointer
    return context && (await openRemoteFolder({ oid, size, kind: 'd', path: place.name, files }, context))
  }
  const open: RemoteContents['open'] = async (pointer, place) => {
    const { oid, size, kind } = pointer
    if (kind === 'd') {
      const folder = await openFolder(pointer, place)
      return folder && (await remoteFolderContent(folder, place))
    }
    const context = await contextOf(pointer, place)
    if (context === undefined) return undefined
    const file = await openRemoteFile({ oid, size, kind, path: place.name }, context)
    return { source: file, remote: file, pathOf: () => undefined, isUntouched: () => true, close: () => file.close() }
  }
  try {
    return await work({ open, openFolder })
  } catch (error) {
    const settings = (await opened?.catch(() => undefined))?.settings
    throw settings === undefined ? error : atRemote(error, settings.url)
  } finally {
    const store = (await opened?.catch(() => undefined))?.store
    await store?.close?.()
  }
}

const ABOUT_ONE_CONTENT: readonly string[] = ['REMOTE_DAMAGED']

/** Nothing more can be had of the remote, whatever is asked for. */
export function isAboutRemote(error: unknown): boolean {
  if (!isArtError(error)) return false
  return error.code === 'TIMEOUT' || (error.code.startsWith('REMOTE_') && !ABOUT_ONE_CONTENT.includes(error.code))
}
