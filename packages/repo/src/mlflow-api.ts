import type { CallOptions, Oid } from '@art/core'
import type { ModelAbout } from '@art/registry/mlflow/about.ts'
import type { Failure } from './api.ts'

/** What `art mlflow` takes and gives; every value is one that JSON has. */

export interface MlflowOptions extends CallOptions {
  /** Of the server; by default what MLFLOW_TRACKING_URI or `mlflow.uri` says. */
  uri?: string
  dryRun?: boolean
}

export interface MlflowPushOptions extends MlflowOptions {
  /** By default what models.yaml says, its title of the model, or the model's name. */
  experiment?: string
  /** `reference`: pointer and metadata. `file`: the bytes too. */
  artifact?: 'reference' | 'file'
  /** Of art, to fetch bytes from that are not on this machine. */
  remote?: string
}

export interface MlflowRelease {
  model: string
  version: string
  tag: string
  oid: Oid
  /** With `dryRun` what it would be. `updated`: it was there, and lacked something. */
  state: 'pushed' | 'updated' | 'unchanged'
  experiment: string
  /** Id of the run; absent where there is none yet. */
  run?: string
  /** As MLflow has it. */
  registered: { model: string; version?: string }
  /** Of the version. */
  aliases: string[]
}

export interface MlflowPushResult {
  /** Without credentials. */
  server: string
  /** By model, the oldest version first. */
  releases: MlflowRelease[]
  /** Aliases that were taken away, since nothing has the stage any more: `model@alias`. */
  unaliased: string[]
  failed: Failure[]
  dryRun?: true
}

export interface MlflowPullOptions extends MlflowOptions {
  /** Where the files go, relative to the root; `models` by default. */
  dir?: string
  /** Ids of runs whose models are meant, registered or not. */
  runs?: readonly string[]
  /** An experiment whose finished runs are meant. */
  experiment?: string
  /** Which of a run's artifacts is the model. */
  artifact?: string
  /** What the model of the runs is called here; by default after their experiment. */
  name?: string
  /** Commit what is adopted, send its content to the remote of art, and make a release of every version, and of every alias a stage. */
  release?: boolean
  /** Of art; by default the default one. */
  remote?: string
}

export interface MlflowAdopted {
  /** As MLflow has it; absent for a run. */
  registered?: { model: string; version: string }
  /** Where no registered version was asked for. */
  run?: { id: string; experiment: string; name?: string }
  /** As art has it. */
  model: string
  version: string
  path: string
  oid?: Oid
  size?: number
  /**
   * With `dryRun` what it would be. `adopted`: its files are in the cache now. `reference`: art pushed it by reference, so its pointer came alone and
   * `art pull` brings the bytes. `ours`: it is a release of this repository.
   */
  state: 'adopted' | 'reference' | 'unchanged' | 'ours'
  /** For `models.yaml`, as art's tags say it; absent where they say nothing. */
  about?: ModelAbout
  /** Its stages, as MLflow's aliases say. */
  aliases: string[]
  /** The tag of its release, and whether it was made now; with `dryRun` whether it would be. Absent where there is none. */
  release?: { tag: string; made: boolean }
}

/** A stage that a version got as its alias says. */
export interface MlflowStage {
  model: string
  stage: string
  version: string
  tag: string
}

export interface MlflowPullResult {
  server: string
  models: MlflowAdopted[]
  /** That were given; only with `release`. */
  stages: MlflowStage[]
  /** The commit of the pointers, where one was made. */
  commit: string | null
  /** What was sent to the remote of art; null without `release`. */
  sent: { remote: string; bytes: number } | null
  /** Commands to go on with: that make them releases, or send these. */
  next: string[]
  /** What `git add` should be given. */
  gitPaths: string[]
  staged: boolean
  failed: Failure[]
  dryRun?: true
}
