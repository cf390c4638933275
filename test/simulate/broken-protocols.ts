import type { Chance } from './chance.ts'
import type { Flaws } from './gc-actor.ts'
import { LIES } from './mutants.ts'
import { drawPauses, pausing, type Plan, type PusherPlan } from './plan.ts'
import type { Variation } from './schedule.ts'
import type { Habits } from './scheduler.ts'

/**
 * Protocols with a step left out or done otherwise, each where it can do harm: that they lose data shows that the step is needed, and
 * that the simulation would notice if push went without it.
 */
export const BROKEN: Record<string, Variation> = {
  'no check after publishing': lying('no check after publishing'),
  'no check after a repair': lying('no check after a repair', (plan, chance) => {
    duel(plan, pausing(1 + chance.below(4), 6 + chance.below(3)), [pausing(), pausing(0, 1)])
  }),
  'lists read before the root': lying('lists read before the root', (plan, chance) => {
    plan.history = 'packs of photos without a recipe'
    duel(plan, pausing(2 + chance.below(3)), [pausing(2 + chance.below(3))])
  }),
  'root before recipe': lying('root before recipe', (plan) => {
    plan.history = 'nothing'
  }),
  'own packs unchecked': lying('own packs unchecked', (plan) => {
    plan.history = 'nothing'
  }),
  // What it refers to is needed otherwise, so that its recipe alone is condemned.
  'own recipes unchecked': lying('own recipes unchecked', (plan, _, world) => {
    plan.history = 'rooted photos'
    plan.givesUp = false
    for (const pusher of plan.pushers)
      Object.assign(pusher, { remembers: true, targets: world.filter(({ kind }) => kind === 'f') })
  }),
  'adoption without a root': lying('adoption without a root', adopting),
  'adoption without a check': lying('adoption without a check', adopting),
  'presence not asked for, lists dropped': lying('presence not asked for', dropping),
  'presence asked before the lists, lists dropped': lying('presence asked before the lists', (plan, chance) => {
    dropping(plan)
    plan.history = 'packs of photos without a recipe'
    duel(plan, pausing(1 + chance.below(2), 3 + chance.below(3)), [pausing(2 + chance.below(3))])
  }),
  'roots named by their content': {
    ...lying('roots named by their content', (plan, _, world) => {
      plan.history = 'rooted photos'
      plan.givesUp = true
      plan.rootsByContent = true
      for (const pusher of plan.pushers) pusher.targets = world.filter(({ path }) => path === 'photos')
    }),
    rules: { names: false, deletes: true },
  },
  'gc marks once': collecting({ oneMark: true }),
  'gc marks before it reads the lists': collecting({ markBeforeLists: true }, (plan, chance) => {
    plan.history = 'nothing'
    duel(plan, pausing(3 + chance.below(3)), [pausing(1, 2), pausing(1)])
  }),
  'gc takes a list back': {
    ...collecting({ takesBack: true }, (plan, chance) => {
      plan.history = 'packs of photos without a recipe'
      duel(plan, pausing(1 + chance.below(2), 3 + chance.below(3)), [pausing(2), pausing(2, 3)])
    }),
    rules: { names: true, deletes: false },
  },
  'gc gives up roots that it does not know': collecting({ givesUpUnknown: true }),
  'compaction condemns nothing': {
    ...collecting({ deletesUnlisted: true }, compacting),
    rules: { names: true, deletes: false },
  },
  'compaction heeds no lists': collecting({ ignoresLists: true }, (plan, chance, targets) => {
    compacting(plan, chance)
    duel(plan, pausing(), [pausing(2 + chance.below(2))])
    plan.givesUp = false
    plan.compactions = [pausing(2)]
    for (const pusher of plan.pushers) pusher.targets = targets.filter(({ path }) => path === 'photos')
  }),
}

type Targets = PusherPlan['targets']
type Change = (plan: Plan, chance: Chance, targets: Targets) => void

function lying(name: keyof typeof LIES, change?: Change): Variation {
  return {
    brief: true,
    plan: (plan, chance, targets) => {
      orderly(plan, chance)
      change?.(plan, chance, targets)
      plan.mutation = LIES[name]
    },
  }
}

function collecting(flaws: Flaws, change?: Change): Variation {
  return {
    brief: true,
    plan: (plan, chance, targets) => {
      orderly(plan, chance)
      change?.(plan, chance, targets)
      plan.flaws = flaws
    },
  }
}

/** Nothing goes wrong but the order of calls. */
function orderly(plan: Plan, chance: Chance): void {
  plan.compactions = []
  plan.condemnedRoots = 0
  plan.readers = 0
  plan.drops = false
  plan.burst = chance.pick([-1, -1, 0.8])
  plan.collectors = Array.from({ length: Math.max(1, plan.collectors.length) }, () => drawPauses(chance))
  plan.pushers.splice(2)
  for (const pusher of plan.pushers) {
    Object.assign(pusher, { has: 'data', habits: drawPauses(chance), targets: pusher.targets.slice(0, 1) })
  }
}

/** One push against gcs, each of which waits at the points that matter until all others do. */
function duel(plan: Plan, push: Habits, collectors: Habits[]): void {
  plan.pushers = [{ ...plan.pushers[0]!, remembers: true, habits: push }]
  plan.collectors = collectors
  plan.burst = -1
}

function adopting(plan: Plan): void {
  plan.history = 'rooted photos, unrooted notes and photo'
  plan.givesUp = true
}

function dropping(plan: Plan): void {
  plan.drops = true
  for (const pusher of plan.pushers) pusher.remembers = true
}

function compacting(plan: Plan, chance: Chance): void {
  plan.history = 'rooted photos'
  plan.givesUp = true
  plan.compactions = [drawPauses(chance), drawPauses(chance)]
  for (const pusher of plan.pushers) pusher.remembers = true
}

/** The same pushes and gcs in the same places, with every step. */
export function sound({ plan: change }: Variation): Variation {
  return {
    brief: true,
    plan: (plan, chance, targets) => {
      change?.(plan, chance, targets)
      delete plan.mutation
      plan.flaws = {}
      plan.rootsByContent = false
    },
  }
}
