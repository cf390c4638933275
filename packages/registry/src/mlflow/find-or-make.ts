import type { Client } from './client.ts'
import { patiently } from './patience.ts'

/**
 * What is there, or else what `make` makes. A request that failed may have been carried out all the same, so `make` asks `once`, and every attempt
 * looks first.
 */
export async function findOrMake<T>(
  client: Client,
  find: () => Promise<T | undefined>,
  make: () => Promise<T | undefined>,
): Promise<T> {
  return await patiently(
    async () => {
      const one = (await find()) ?? (await make())
      if (one === undefined) throw client.vague('it tells nothing of what it made')
      return one
    },
    client.patience,
    client.options,
  )
}
