import { setTimeout as sleep } from 'node:timers/promises'

/** How long one waits between attempts. Times in milliseconds. */
export interface Backoff {
  /** Before the second attempt; doubled for each further one. */
  firstDelay: number
  maxDelay: number
  /** Waits; tests pass one that does not. */
  delay: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** 0 ≤ n < 1: the jitter. */
  random: () => number
}

/** Waits; whoever aborts hears of it from the next attempt. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
}

/** How long to wait after so many failures: between half of the longest time and all of it, so that not everybody comes back at once. */
export function waitAfter({ firstDelay, maxDelay, random }: Omit<Backoff, 'delay'>, failures: number): number {
  return Math.min(maxDelay, firstDelay * 2 ** (failures - 1)) * (0.5 + random() / 2)
}
