/** Every way an operation of art can fail. The union is closed: a new failure gets a name here first. */
export type ArtErrorCode =
  | 'USAGE'
  | 'NOT_A_REPOSITORY'
  | 'ALREADY_A_REPOSITORY'
  | 'CONFIG_INVALID'
  | 'POINTER_INVALID'
  | 'POINTER_CONFLICT'
  | 'PATH_OUTSIDE'
  | 'PATH_UNSAFE'
  | 'NAME_TOO_LONG'
  | 'NAME_NOT_UTF8'
  | 'NAME_COLLISION'
  | 'NOT_FOUND'
  | 'NOT_TRACKED'
  | 'NOT_CACHED'
  | 'WOULD_OVERWRITE'
  | 'CHANGED_WHILE_READ'
  | 'CORRUPT'
  | 'DISK_FULL'
  | 'PERMISSION'
  | 'IO'
  | 'TRACKED_BY_GIT'
  | 'OVERLAP'
  | 'SYMLINK'
  | 'LOCKED'
  | 'GIT'
  | 'HOOK'
  | 'REMOTE_UNKNOWN'
  | 'REMOTE_AUTH'
  | 'REMOTE_NOT_FOUND'
  | 'REMOTE_UNAVAILABLE'
  | 'REMOTE_REFUSED'
  | 'REMOTE_READ_ONLY'
  | 'REMOTE_FEATURE'
  | 'REMOTE_DAMAGED'
  | 'MISSING_OBJECTS'
  | 'MODEL_UNSAFE'
  | 'METRICS_MISSING'
  | 'RELEASE_REFUSED'
  | 'TAG_EXISTS'
  | 'TIMEOUT'
  | 'INTERRUPTED'
  | 'UNSUPPORTED'
  | 'INTERNAL'

export interface ArtErrorOptions {
  /** The file, key or address that the error is about. */
  path?: string | undefined
  /** What to do next, as one imperative sentence. */
  hint?: string | undefined
  cause?: unknown
  /** True where the same call may succeed later without any change. */
  retryable?: boolean | undefined
  /** Every thing that is wrong, where there is more than one. */
  details?: readonly ErrorDetail[] | undefined
}

export interface ErrorDetail {
  path: string
  message: string
  /** What to do about this one. */
  hint?: string
}

/** The one error class: a code for programs, a message and a hint for people. */
export class ArtError extends Error {
  readonly code: ArtErrorCode
  readonly path: string | undefined
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly details: readonly ErrorDetail[]

  constructor(code: ArtErrorCode, message: string, options: ArtErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ArtError'
    this.code = code
    this.path = options.path
    this.hint = options.hint
    this.retryable = options.retryable ?? false
    this.details = options.details ?? []
  }

  /** By name: the files of the bundle that start-up needs carry their own copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'ArtError'
  }
}

export function isArtError(error: unknown, code?: ArtErrorCode): error is ArtError {
  return error instanceof ArtError && (code === undefined || error.code === code)
}

const SYSTEM_ERRORS: Record<string, { code: ArtErrorCode; text: string; hint: string }> = {
  ENOSPC: { code: 'DISK_FULL', text: 'no space left', hint: 'Free some space and run the command again.' },
  EDQUOT: { code: 'DISK_FULL', text: 'disk quota exceeded', hint: 'Free some space and run the command again.' },
  EROFS: { code: 'PERMISSION', text: 'read-only file system', hint: 'Make it writable, or choose another place.' },
  EACCES: { code: 'PERMISSION', text: 'permission denied', hint: 'Check who owns it and its mode.' },
  EPERM: { code: 'PERMISSION', text: 'operation not permitted', hint: 'Check who owns it and its mode.' },
  ENAMETOOLONG: { code: 'NAME_TOO_LONG', text: 'name too long', hint: 'Choose a shorter name.' },
  ENOENT: { code: 'NOT_FOUND', text: 'no such file or folder', hint: 'Check the path.' },
  ELOOP: { code: 'SYMLINK', text: 'is a symbolic link', hint: 'Name the file that it points to.' },
}

/** Turns a Node system error into an ArtError that names the path; passes ArtErrors through. */
export function fromSystemError(error: unknown, path?: string): ArtError {
  if (error instanceof ArtError) return error
  const { code, message, path: own } = error as NodeJS.ErrnoException
  const known = code === undefined ? undefined : SYSTEM_ERRORS[code]
  const where = path ?? own
  if (known === undefined) return new ArtError('IO', message ?? String(error), { path: where, cause: error })
  return new ArtError(known.code, known.text, { path: where, hint: known.hint, cause: error })
}
