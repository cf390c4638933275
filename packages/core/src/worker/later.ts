type Work = (input: never) => unknown

/** A job that is loaded when it is first asked for: a status should not load what only a push needs. */
export function later<M, K extends keyof M>(load: () => Promise<M>, name: K) {
  type Job = M[K] extends Work ? M[K] : never
  return async (input: Parameters<Job>[0]): Promise<Awaited<ReturnType<Job>>> => {
    const work = (await load())[name] as unknown as (input: Parameters<Job>[0]) => Promise<Awaited<ReturnType<Job>>>
    return await work(input)
  }
}
