import type { Target } from '@art/remote/transfer/target.ts'
import type { Chance } from './chance.ts'
import type { Flaws } from './gc-actor.ts'
import type { Mutation } from './mutation.ts'
import type { Habits } from './scheduler.ts'
import type { World } from './world.ts'

export interface PusherPlan {
  targets: Target[]
  /** A machine that lacks the data can only adopt. */
  has: 'data' | 'nothing'
  /** Is it on the machine of the push before it? */
  shares: boolean
  /** Does it remember the packs of the past? Some that it remembers may be gone. */
  remembers: boolean
  /** Does it read the recipes of relatives? */
  asks: boolean
  retries: boolean
  habits: Habits
}

/** Everything that a seed decides before the first call. */
export interface Plan {
  history: string
  pushers: PusherPlan[]
  collectors: Habits[]
  compactions: Habits[]
  /** Are the old roots given up? */
  givesUp: boolean
  drops: boolean
  /** How many roots are condemned between their put and their check. */
  condemnedRoots: number
  readers: number
  burst: number
  flaws: Flaws
  mutation?: Mutation
  /** Are the old roots named by what is in them? */
  rootsByContent?: boolean
}

export function drawPlan(world: World, chance: Chance): Plan {
  const history = chance.pick([...world.histories.keys()])
  const drops = chance.happens(0.3)
  const pushers = Array.from({ length: 1 + chance.below(3) }, () => drawPusher(world.targets, chance, drops))
  // A late put of a pack whose list is gone again brings a name back to life: the thirty days of a list are longer than any.
  return {
    history,
    pushers,
    collectors: Array.from({ length: chance.pick([0, 1, 1, 1, 2, 2]) }, () => drawMortal(chance, 60)),
    compactions: Array.from({ length: chance.pick([0, 0, 1, 2]) }, () => drawMortal(chance, 60)),
    givesUp: chance.happens(0.6),
    drops,
    condemnedRoots: chance.pick([0, 0, 0, 1, 2]),
    readers: chance.pick([0, 0, 1]),
    burst: chance.pick([-1, -1, 0.3, 0.8, 0.95]),
    flaws: {},
  }
}

function drawPusher(targets: readonly Target[], chance: Chance, drops: boolean): PusherPlan {
  const faulty = !drops && chance.happens(0.4)
  return {
    targets: chance.some(targets),
    has: chance.happens(0.9) ? 'data' : 'nothing',
    shares: chance.happens(0.2),
    remembers: chance.happens(0.6),
    asks: chance.happens(0.3),
    retries: !faulty || chance.happens(0.8),
    habits: {
      ...drawMortal(chance, 40),
      lost: faulty ? 0.1 : 0,
      late: faulty ? 0.1 : 0,
    },
  }
}

function drawMortal(chance: Chance, steps: number): Habits {
  return { ...drawPauses(chance), crashAt: chance.happens(0.15) ? chance.below(steps) : Number.POSITIVE_INFINITY }
}

/** Of a process that comes to its end, but may be slow. */
export function drawPauses(chance: Chance): Habits {
  return pausing(...Array.from({ length: chance.below(4) }, () => chance.below(chance.pick([8, 24]))))
}

export function pausing(...pauses: number[]): Habits {
  return { crashAt: Number.POSITIVE_INFINITY, pauses: new Set(pauses), lost: 0, late: 0 }
}
