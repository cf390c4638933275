const LATER = new Set('cat gc import ls migrate update verify why'.split(' ')).add('cache migrate')

const NEVER: Readonly<Record<string, string>> = {
  repro: 'pipelines',
  run: 'pipelines',
  dag: 'pipelines',
  freeze: 'pipelines',
  unfreeze: 'pipelines',
  exp: 'experiments',
  experiments: 'experiments',
  queue: 'experiments',
  lock: 'file locks',
  unlock: 'file locks',
  locks: 'file locks',
  clean: 'clean and smudge filters',
  smudge: 'clean and smudge filters',
  'filter-process': 'clean and smudge filters',
}

/** What to type instead, for verbs of DVC, git and git-lfs. */
const INSTEAD: Readonly<Record<string, string>> = {
  data: 'art status',
  track: 'art add <path>',
  untrack: 'art rm <path>',
  restore: 'art checkout',
  unprotect: 'art checkout --relink',
  clone: 'git clone, then art pull',
}

export interface Absent {
  message: string
  hint: string
}

/** Why a verb that is no command is none, where that is known. */
export function explainAbsence([verb, next]: readonly [string, (string | undefined)?]): Absent | undefined {
  if (verb === 'stage' && next === 'add') return outOfScope('stage add', 'pipelines')
  const scope = Object.hasOwn(NEVER, verb) ? NEVER[verb] : undefined
  if (scope !== undefined) return outOfScope(verb, scope)
  if (LATER.has(verb)) {
    return {
      message: `\`art ${verb}\` is not in this version yet`,
      hint: 'Run `art --help` for what this version can do.',
    }
  }
  const instead = Object.hasOwn(INSTEAD, verb) ? INSTEAD[verb] : undefined
  return instead === undefined ? undefined : { message: `'${verb}' is not an art command`, hint: `Run \`${instead}\`.` }
}

function outOfScope(verb: string, scope: string): Absent {
  return {
    message: `\`art ${verb}\` is out of scope: art has no ${scope}`,
    hint: 'It keeps the files; run and schedule the code that makes them with the tool of your choice.',
  }
}
