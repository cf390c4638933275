import { objectStoreCompliance } from '../../compliance/object-store-compliance.ts'
import { faultyStore } from '../../decorate/fault.ts'
import { limitStore } from '../../decorate/limit.ts'
import { DEFAULT_TIME_LIMITS } from '../../decorate/limits.ts'
import { DEFAULT_RETRY, retryStore } from '../../decorate/retry.ts'
import { timeoutStore } from '../../decorate/timeout.ts'
import { MemoryStore } from './store.ts'

const nothing = async (): Promise<void> => {}

objectStoreCompliance('memory', async () => ({ store: new MemoryStore(), cleanup: nothing }))

objectStoreCompliance('memory behind every decorator', async () => {
  const faulty = faultyStore(new MemoryStore(), 1, {})
  const store = retryStore(limitStore(timeoutStore(faulty, DEFAULT_TIME_LIMITS), 4), DEFAULT_RETRY)
  return { store, cleanup: nothing }
})

const patient = { ...DEFAULT_RETRY, attempts: 50, delay: nothing }

// A lost answer to the one who won makes him a loser: that, and only that, is not asked of a store that loses answers.
objectStoreCompliance('memory behind a network that refuses, cuts and loses answers', async () => {
  const faulty = faultyStore(new MemoryStore(), 7, { refuse: 0.2, cut: 0.3, lostAnswer: 0 })
  return { store: retryStore(faulty, patient), cleanup: nothing }
})
