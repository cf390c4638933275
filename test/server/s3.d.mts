import type { S3Client } from '@aws-sdk/client-s3'

export interface S3Server {
  name: string
  endpoint: string
  accessKeyId: string
  secretAccessKey: string
  /** Folder that the server keeps its objects in. */
  data: string
  makeBucket(name: string): Promise<void>
  /** For what a test must arrange or look at behind art's back. */
  client(): Promise<S3Client>
  stop(): Promise<void>
}

export declare function startVersitygw(): Promise<S3Server>
export declare function startMinio(): Promise<S3Server>
export declare function startMoto(): Promise<S3Server>
export declare const SERVERS: { name: string; start: () => Promise<S3Server>; installed: () => boolean }[]
