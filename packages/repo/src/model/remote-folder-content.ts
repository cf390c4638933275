import type { Source } from '@art/checkpoint'
import { confinedNames } from '@art/checkpoint/source/beside.ts'
import { sliceSource } from '@art/checkpoint/source/slice.ts'
import type { RemoteFolder } from '@art/remote/transfer/remote-folder.ts'
import type { Content } from './content.ts'
import { modelFileAmong } from './folder-model.ts'

/** One file of a directory of a remote; what is opened must not be closed before the folder is done with. */
export function remoteMemberContent(
  { members, stream }: RemoteFolder,
  path: string,
  name: string,
): Content | undefined {
  const member = members.get(path)
  if (member === undefined) return undefined
  const source = sliceSource(stream, member.offset, member.size, `${name}/${path}`)
  return { source, pathOf: () => undefined, isUntouched: () => true, close: async () => undefined }
}

/**
 * The model that a directory of a remote holds, or the file `inside` it; it closes the folder. Undefined, and the folder closed, where there is none.
 * `name` is what errors call the directory.
 */
export async function remoteFolderContent(
  { members, stream }: RemoteFolder,
  { name, inside }: { name: string; inside?: string | undefined },
): Promise<Content | undefined> {
  const close = (): Promise<void> => stream.close()
  const path = inside ?? modelFileAmong([...members.keys()].filter((one) => !one.includes('/')))
  const main = path === undefined ? undefined : members.get(path)
  if (main === undefined) {
    await close()
    return undefined
  }
  const open = (relative: string): Source | undefined => {
    const member = members.get(relative)
    return member && sliceSource(stream, member.offset, member.size, `${name}/${relative}`)
  }
  return {
    source: open(main.path)!,
    remote: {
      received: stream.received,
      expect: (ranges) =>
        stream.expect([...ranges].map(({ offset, length }) => ({ offset: main.offset + offset, length }))),
    },
    pathOf: () => undefined,
    isUntouched: () => true,
    close,
    ...(inside === undefined
      ? { isFolder: true, openBeside: async (relative: string) => open(confinedNames(relative).join('/')) }
      : {}),
  }
}
