/** Lets one reader of a file stay behind another that goes through it from its start. */
export interface Followed {
  /** The first one has read so many bytes more. */
  advance(bytes: number): void
  /** It reads no more, whether it came to the end or not: nobody waits any longer. */
  end(): void
  /** Resolves when the first one has come to that place. */
  reached(offset: number): Promise<void>
}

export function followed(): Followed {
  const waiting = new Set<{ offset: number; go: () => void }>()
  let at = 0
  const release = (): void => {
    for (const one of waiting) {
      if (one.offset > at) continue
      waiting.delete(one)
      one.go()
    }
  }
  return {
    advance(bytes) {
      at += bytes
      release()
    },
    end() {
      at = Number.POSITIVE_INFINITY
      release()
    },
    async reached(offset) {
      if (offset <= at) return
      await new Promise<void>((go) => waiting.add({ offset, go }))
    },
  }
}
