/** How an S3 url is reached. */
export const S3_FLAGS = {
  endpoint: { type: 'string', value: 'url', describe: 'an S3 server other than AWS' },
  region: { type: 'string', value: 'name', describe: 'region of the bucket' },
  profile: { type: 'string', value: 'name', describe: 'profile of ~/.aws' },
} as const
