declare const ART_VERSION: string | undefined

/** Put in by the build; the sources run by themselves only in tests. */
export const VERSION: string = typeof ART_VERSION === 'string' ? ART_VERSION : '0.0.0-source'
