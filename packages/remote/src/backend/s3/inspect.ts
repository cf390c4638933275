import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3'
import { ArtError, type CallOptions } from '@art/core'
import type { Finding } from '../../object-store.ts'
import { failureOf } from './error.ts'
import { request, type S3Context } from './requests.ts'

/** Rules of the bucket that act on objects without being asked. What these credentials may not see is said, and is no fault. */
export async function inspectBucket(context: S3Context, options: CallOptions): Promise<Finding[]> {
  return [
    await look('expiry rules', () => lifecycle(context, options)),
    await look('versioning', () => versioning(context, options)),
    await look('object lock', () => objectLock(context, options)),
  ]
}

/** Answers for "there are no such rules", and for "this server does not know any". */
const NONE =
  /^(NoSuch\w*Configuration|ObjectLockConfigurationNotFoundError|NotImplemented|MethodNotAllowed|NoSuchBucketPolicy)$/

async function look(name: string, ask: () => Promise<Omit<Finding, 'name'>>): Promise<Finding> {
  try {
    return { name, ...(await ask()) }
  } catch (error) {
    if (!(error instanceof ArtError) || error.code === 'INTERRUPTED') throw error
    const failure = failureOf(error)
    if (failure !== undefined && NONE.test(failure.name)) return { name, ok: true, detail: 'none' }
    return { name, ok: true, detail: `not known: ${error.message}` }
  }
}

async function lifecycle(context: S3Context, options: CallOptions): Promise<Omit<Finding, 'name'>> {
  const { Rules = [] } = await request(
    context,
    'GetBucketLifecycleConfiguration',
    { ...options, key: '' },
    (client, sending) => client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: context.bucket }), sending),
  )
  const acting = Rules.filter(({ Status, Expiration, Transitions, Filter, Prefix }) => {
    const below = Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? ''
    const concerns = below.startsWith(context.prefix) || context.prefix.startsWith(below)
    const expires = Expiration?.Days !== undefined || Expiration?.Date !== undefined
    const archives = Transitions?.some(({ StorageClass }) => /GLACIER|DEEP_ARCHIVE/.test(StorageClass ?? ''))
    return Status === 'Enabled' && concerns && (expires || archives)
  })
  if (acting.length === 0) return { ok: true, detail: 'none that delete or archive' }
  const names = acting.map(({ ID }) => ID ?? '(unnamed)').join(', ')
  return { ok: false, detail: `${names} will delete or archive objects by age: packs are old and in use by design` }
}

async function versioning(context: S3Context, options: CallOptions): Promise<Omit<Finding, 'name'>> {
  const { Status } = await request(context, 'GetBucketVersioning', { ...options, key: '' }, (client, sending) =>
    client.send(new GetBucketVersioningCommand({ Bucket: context.bucket }), sending),
  )
  if (Status !== 'Enabled') return { ok: true, detail: 'off' }
  return { ok: true, detail: 'on: what gc deletes frees no space until its versions expire' }
}

async function objectLock(context: S3Context, options: CallOptions): Promise<Omit<Finding, 'name'>> {
  const { ObjectLockConfiguration: lock } = await request(
    context,
    'GetObjectLockConfiguration',
    { ...options, key: '' },
    (client, sending) => client.send(new GetObjectLockConfigurationCommand({ Bucket: context.bucket }), sending),
  )
  const kept = lock?.Rule?.DefaultRetention
  if (lock?.ObjectLockEnabled !== 'Enabled' || kept === undefined) return { ok: true, detail: 'none' }
  const time = kept.Days === undefined ? `${kept.Years} years` : `${kept.Days} days`
  return { ok: true, detail: `on: nothing can be deleted for ${time}, by gc neither` }
}
