import type { Chance } from './chance.ts'
import { LIES } from './mutants.ts'
import { drawPauses, type Plan } from './plan.ts'
import type { Variation } from './schedule.ts'

/**
 * Protocols with a step left out or done otherwise, each where it can do harm: that they lose data shows that the steps are needed,
 * and that the simulation would notice.
 */
export const BROKEN: Record<string, Variation> = {
  'no check after publishing': lying('no check after publishing'),
  'no check after a repair': lying('no check after a repair', (plan) => {
    plan.collectors = 3
  }),
  'lists read before the root': lying('lists read before the root'),
  'root before recipe': lying('root before recipe', (plan) => {
    plan.history = 'nothing'
  }),
  'own packs unchecked': lying('own packs unchecked', (plan) => {
    plan.history = 'nothing'
  }),
  'own recipes unchecked': lying('own recipes unchecked', (plan) => {
    plan.history = 'packs of photos without a recipe'
  }),
  'adoption without a root': lying('adoption without a root', adopting),
  'adoption without a check': lying('adoption without a check', adopting),
  'presence not asked for, lists dropped': lying('presence not asked for', dropping),
  'presence asked before the lists, lists dropped': lying('presence asked before the lists', dropping),
}

function lying(name: keyof typeof LIES, change?: (plan: Plan) => void): Variation {
  return {
    brief: true,
    plan: (plan, chance) => {
      orderly(plan, chance)
      change?.(plan)
      plan.mutation = LIES[name]
    },
  }
}

/** Nothing goes wrong but the order of calls. */
function orderly(plan: Plan, chance: Chance): void {
  plan.compactions = 0
  plan.condemnedRoots = 0
  plan.readers = 0
  plan.drops = false
  plan.burst = chance.pick([-1, -1, 0.8])
  plan.collectors = Math.max(1, plan.collectors)
  plan.pushers.splice(2)
  for (const pusher of plan.pushers) {
    Object.assign(pusher, { has: 'data', habits: drawPauses(chance), targets: pusher.targets.slice(0, 1) })
  }
}

function adopting(plan: Plan): void {
  plan.history = 'rooted photos, unrooted notes and photo'
  plan.givesUp = true
}

function dropping(plan: Plan): void {
  plan.drops = true
  plan.collectors = 2
  for (const pusher of plan.pushers) pusher.remembers = true
}
