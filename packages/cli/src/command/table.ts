import type { Command } from './spec.ts'

export interface Entry {
  readonly summary: string
  /** `art --help` groups by it. */
  readonly group?: string
  /** Everything after the verb goes to the command as it is. */
  readonly raw?: true
  /** Loads what the command needs; nothing of it is loaded before. */
  readonly load: () => Promise<{ command: Command }>
}

export interface Group {
  readonly summary: string
  readonly group: string
  readonly verbs: Readonly<Record<string, Entry>>
  /** The verb when none is given. */
  readonly standard?: string
}

/** Every command, as help, completion, docs and the dispatcher know it. */
export const COMMANDS: Readonly<Record<string, Entry | Group>> = {
  init: { group: 'Start', summary: 'make a repository here', load: () => import('./init.ts') },
  install: { group: 'Start', summary: 'install git hooks that keep data in step', load: () => import('./install.ts') },
  config: { group: 'Start', summary: 'show or change settings', load: () => import('./config.ts') },
  cache: {
    group: 'Start',
    summary: 'where this machine keeps contents',
    verbs: { dir: { summary: 'show or set the cache folder', load: () => import('./cache-dir.ts') } },
  },
  add: { group: 'Work', summary: 'track files and folders', load: () => import('./add.ts') },
  status: { group: 'Work', summary: 'what differs from the pointers', load: () => import('./status.ts') },
  diff: { group: 'Work', summary: 'what changed between revisions', load: () => import('./diff.ts') },
  checkout: { group: 'Work', summary: 'make the workspace match the pointers', load: () => import('./checkout.ts') },
  mv: { group: 'Work', summary: 'move or rename an artifact', load: () => import('./mv.ts') },
  rm: { group: 'Work', summary: 'stop tracking artifacts', load: () => import('./rm.ts') },
  check: { group: 'Work', summary: 'the gate before a commit', load: () => import('./check.ts') },
  push: { group: 'Share', summary: 'send contents to a remote', load: () => import('./push.ts') },
  pull: { group: 'Share', summary: 'fetch contents and check them out', load: () => import('./pull.ts') },
  fetch: { group: 'Share', summary: 'bring contents into the cache', load: () => import('./fetch.ts') },
  remote: {
    group: 'Share',
    summary: 'the places that contents are sent to',
    standard: 'list',
    verbs: {
      add: { summary: 'name a new remote', load: () => import('./remote-add.ts') },
      list: { summary: 'list the remotes', load: () => import('./remote-list.ts') },
      modify: { summary: 'change a setting of a remote', load: () => import('./remote-modify.ts') },
      remove: { summary: 'forget a remote', load: () => import('./remote-remove.ts') },
      default: { summary: 'show or choose the default remote', load: () => import('./remote-default.ts') },
      check: { summary: 'try what a remote can do', load: () => import('./remote-check.ts') },
    },
  },
  show: { group: 'Models', summary: 'what is in a model file', load: () => import('./show.ts') },
  compare: { group: 'Models', summary: 'models side by side, the best first', load: () => import('./compare.ts') },
  resume: { group: 'Models', summary: 'the checkpoint to go on training from', load: () => import('./resume.ts') },
  export: {
    group: 'Models',
    summary: 'write the weights of a model in another format',
    load: () => import('./export.ts'),
  },
  scan: { group: 'Models', summary: 'what loading a model file would run', load: () => import('./scan.ts') },
  doctor: {
    group: 'Models',
    summary: 'why a model file would not load, and what to do',
    load: () => import('./doctor.ts'),
  },
  models: {
    group: 'Versions',
    summary: 'models, their versions, and the files that tell of them',
    standard: 'list',
    verbs: {
      list: { summary: 'list the models; check or make their files', load: () => import('./models.ts') },
      init: { summary: 'propose models.yaml from what is there', load: () => import('./models-init.ts') },
    },
  },
  release: { group: 'Versions', summary: 'make a version of a model', load: () => import('./release.ts') },
  stage: { group: 'Versions', summary: 'give a stage to a version', load: () => import('./stage.ts') },
  unstage: { group: 'Versions', summary: 'take a stage from a version', load: () => import('./unstage.ts') },
  which: { group: 'Versions', summary: 'which version has a stage, now or then', load: () => import('./which.ts') },
  rollback: {
    group: 'Versions',
    summary: 'give a stage back to the version before',
    load: () => import('./rollback.ts'),
  },
  history: { group: 'Versions', summary: 'what happened to a model', load: () => import('./history.ts') },
  get: {
    group: 'Versions',
    summary: 'something from another repository or a remote',
    load: () => import('./get.ts'),
  },
  archive: {
    group: 'Versions',
    summary: 'put artifacts and versions out of the way',
    load: () => import('./archive.ts'),
  },
  unarchive: { group: 'Versions', summary: 'bring back what is archived', load: () => import('./unarchive.ts') },
  prune: { group: 'Versions', summary: 'delete checkpoints by a rule', load: () => import('./prune.ts') },
  du: { group: 'Versions', summary: 'what artifacts take, here and on the remote', load: () => import('./du.ts') },
  mlflow: {
    group: 'Versions',
    summary: 'releases and models of an MLflow server',
    verbs: {
      push: { summary: 'show releases to an MLflow server', load: () => import('./mlflow-push.ts') },
      pull: { summary: 'take registered models of an MLflow server over', load: () => import('./mlflow-pull.ts') },
    },
  },
  completion: {
    group: 'More',
    summary: 'print a completion script for a shell',
    load: () => import('./completion.ts'),
  },
  version: { group: 'More', summary: 'print the version', load: () => import('./version.ts') },
}

/** Called by git's hooks and by completion scripts. */
export const HIDDEN: Readonly<Record<string, Entry>> = {
  hook: { summary: 'what an installed git hook runs', raw: true, load: () => import('./hook.ts') },
}

/** What people type for another command. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  move: ['mv'],
  remove: ['rm'],
  commit: ['add', '-u'],
  list: ['ls'],
}

export function isGroup(entry: Entry | Group): entry is Group {
  return 'verbs' in entry
}
