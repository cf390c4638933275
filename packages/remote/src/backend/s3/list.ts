import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { ArtError, type CallOptions } from '@art/core'
import { retry } from '../../decorate/retry.ts'
import { canBeginKey } from '../../key.ts'
import type { ObjectInfo } from '../../object-store.ts'
import { request, type S3Context } from './requests.ts'

/** Page by page, each page repeated by itself. The empty objects that web consoles show as folders are left out. */
export async function* listObjects(
  context: S3Context,
  prefix: string,
  options: CallOptions,
): AsyncGenerator<ObjectInfo> {
  if (!canBeginKey(prefix)) return
  let token: string | undefined
  do {
    const page = await retry(() => listPage(context, prefix, token, options), context.retry, prefix, options)
    const decode = page.EncodingType === 'url' ? decodeKey : (key: string) => key
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key === undefined || Key.endsWith('/')) continue
      const key = decode(Key)
      // A server that answers for other prefixes must not have its keys cut into names.
      if (!key.startsWith(context.prefix + prefix)) continue
      yield { key: key.slice(context.prefix.length), size: Size ?? 0, ...(LastModified && { modified: LastModified }) }
    }
    if (page.IsTruncated && (!page.NextContinuationToken || page.NextContinuationToken === token)) {
      throw new ArtError('REMOTE_REFUSED', 'the server does not say how its list goes on', {
        path: prefix,
        hint: 'Run `art remote check`.',
      })
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

function listPage(context: S3Context, prefix: string, token: string | undefined, options: CallOptions) {
  return request(context, 'ListObjectsV2', { ...options, key: prefix }, (client, sendOptions) =>
    client.send(
      new ListObjectsV2Command({
        Bucket: context.bucket,
        Prefix: context.prefix + prefix,
        // XML cannot hold every character that a key can.
        EncodingType: 'url',
        ...(token && { ContinuationToken: token }),
      }),
      sendOptions,
    ),
  )
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}
