import { ArtError } from '@art/core'

/** GTO 1.9, `gto/constants.py`: a name begins and ends with a letter or digit. */
export const NAME = '[a-zA-Z0-9](?:[a-zA-Z0-9-/_]*[a-zA-Z0-9])?'
const NAME_ALONE = new RegExp(`^${NAME}$`)

/** Names of models and of stages. */
export function isModelName(name: string): boolean {
  return name.length <= 200 && NAME_ALONE.test(name) && !name.includes('//')
}

/** Fails with `USAGE` for what no tag could carry. */
export function assertName(name: string, what: 'model' | 'stage'): void {
  if (isModelName(name)) return
  throw new ArtError('USAGE', `${JSON.stringify(name)} is no name of a ${what}`, {
    path: name,
    hint: 'Use letters, digits, `-`, `_` and `/`; the first and the last are a letter or a digit.',
  })
}
