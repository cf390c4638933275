declare module 'proper-lockfile' {
  interface LockOptions {
    lockfilePath?: string
    /** ms after which a lock that is not refreshed counts as left behind. */
    stale?: number
    retries?: { retries: number; factor: number; minTimeout: number; maxTimeout: number }
    onCompromised?: (error: Error) => void
  }
  const lockfile: { lock(path: string, options: LockOptions): Promise<() => Promise<void>> }
  export default lockfile
}
