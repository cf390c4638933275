import type { ShownRelease } from './view-api.ts'
import type { CallOptions, Oid } from '@art/core'

/** What verbs take and give: get. */

export interface GetOptions extends CallOptions {
  cwd: string
  environment?: NodeJS.ProcessEnv
  /** A branch, a tag or a commit of it. By default what it has now: its default branch, or the working tree of a folder. */
  rev?: string
  /** Where to, from `cwd`: a file, or a folder that is there. By default here, under its own name. */
  output?: string
  /** Replace what is there. */
  force?: boolean
  /** One of its remotes, instead of its default one. */
  remote?: string
  jobs?: number
  /** Of a remote that `from` names as `s3://bucket/prefix`: another server than AWS. */
  endpoint?: string
  /** … its region. */
  region?: string
  /** … the profile of `~/.aws`. */
  profile?: string
}

export interface GetResult {
  /** The repository or the remote, as it was named. */
  source: string
  /** Path of the artifact in that repository; out of a remote the name that its pointer has, or the oid. */
  artifact: string
  /** Where a part of a directory was named: which. */
  inside?: string
  /** What was written, from where the user is. */
  path: string
  kind: 'file' | 'directory'
  /** Of the whole artifact, as are the sizes. */
  oid: Oid
  size: number
  files?: number
  /** Full hash of the commit that says so; absent for a working tree. */
  commit?: string
  release?: ShownRelease
  /** `unchanged`: it was there already. */
  state: 'written' | 'unchanged'
  /** A cache of this machine, a remote of that repository, or nothing: it was there. */
  from: 'cache' | 'remote' | 'here'
  /** Name of the remote. */
  remote?: string
  bytes: { new: number; transferred: number }
}
