/** How to reach a bucket, and as whom. What is left out comes from the usual AWS places: environment, profile files, instance roles. */
export interface S3Options {
  bucket: string
  /** Without slashes at its ends; empty for the whole bucket. */
  prefix: string
  /** `http(s)://host:port` of a server other than AWS. */
  endpoint?: string | undefined
  region?: string | undefined
  profile?: string | undefined
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  sessionToken?: string | undefined
  /** Role to assume with the credentials found otherwise. */
  roleArn?: string | undefined
  roleSessionName?: string | undefined
  externalId?: string | undefined
  /** Send no credentials at all: public buckets. */
  anonymous?: boolean | undefined
  sse?: 'AES256' | 'aws:kms' | undefined
  sseKmsKeyId?: string | undefined
  /** PEM file of the authorities to trust besides the system's; `AWS_CA_BUNDLE` by default. */
  caBundle?: string | undefined
  /** False accepts any certificate. */
  tlsVerify?: boolean | undefined
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`; true by default where an endpoint is given. */
  forcePathStyle?: boolean | undefined
}
