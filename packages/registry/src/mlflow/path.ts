/** A path as part of an address. */
export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** The path that a URI has, without `/` at its ends and without escapes. */
export function cleanPath(path: string): string {
  return path.split('/').filter(Boolean).map(decoded).join('/')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
