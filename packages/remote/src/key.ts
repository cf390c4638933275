import { ArtError } from '@art/core'

const UNSAFE = /^\/|\/$|\/\/|\\|\0|(?:^|\/)\.{1,2}(?:\/|$)/

/** Fails with `PATH_UNSAFE` unless every segment of the key names something below the store's root. */
export function checkKey(key: string): void {
  if (key !== '' && !UNSAFE.test(key)) return
  throw new ArtError('PATH_UNSAFE', `not a key of a remote: ${JSON.stringify(key)}`, {
    path: key,
    hint: 'Keys are segments joined by "/", none of them empty, "." or "..".',
  })
}

/** False where no key can begin with this, which then has nothing to list. */
export function canBeginKey(prefix: string): boolean {
  return !/^\/|\/\/|\\|\0|(?:^|\/)\.{1,2}\//.test(prefix)
}
