import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex, isArtError } from '@art/core'
import { indexFromTree, members } from '@art/core/index/from-tree.ts'
import type { Cache } from '@art/core/cache/cache.ts'
import { retryStore } from '@art/remote/decorate/retry.ts'
import { encodeCondemned } from '@art/remote/layout/condemned.ts'
import type { ObjectStore } from '@art/remote/object-store.ts'
import { fetch } from '@art/remote/transfer/fetch.ts'
import { push, type PushContext } from '@art/remote/transfer/push.ts'
import type { Target } from '@art/remote/transfer/target.ts'
import { Chance, withSeededNames } from './chance.ts'
import { Collector } from './gc-actor.ts'
import { isData, Ledger, type Rules } from './ledger.ts'
import { rootByContent } from './mutants.ts'
import { drawPauses, drawPlan, type Plan, type PusherPlan } from './plan.ts'
import { type Habits, Scheduler } from './scheduler.ts'
import { REPO, SITE, type World } from './world.ts'

export interface Outcome {
  seed: number
  violations: string[]
  trace: string[]
  steps: number
  /** Pushes that came to their end, and that sent something again under new names. */
  acknowledged: number
  repaired: number
  reads: number
}

export interface Variation {
  /** Changes what the seed drew. */
  plan?: (plan: Plan, chance: Chance, targets: Target[]) => void
  rules?: Rules
  /** Ends with the last call: what comes after asks more than whether data was lost. */
  brief?: boolean
}

/** One schedule from its first call to the remote at rest. */
export async function runSchedule(world: World, seed: number, variation: Variation = {}): Promise<Outcome> {
  return await withSeededNames(seed, async () => {
    const chance = new Chance(seed)
    const plan = drawPlan(world, chance)
    variation.plan?.(plan, chance, world.targets)
    const schedule = new Schedule(world, seed, plan, chance, variation)
    try {
      return await schedule.run()
    } finally {
      await schedule.close()
    }
  })
}

const PATIENT = { attempts: 8, firstDelay: 0, maxDelay: 0, delay: async () => {}, random: () => 0 }

class Schedule {
  readonly #world: World
  readonly #seed: number
  readonly #plan: Plan
  readonly #chance: Chance
  readonly #brief: boolean
  readonly #ledger: Ledger
  readonly #scheduler: Scheduler
  readonly #caches: { cache: Cache; name: string }[] = []
  readonly #unfinished: { name: string; cache: Cache; plan: PusherPlan }[] = []
  #condemnedRoots: number
  #readers: number
  #acknowledged = 0
  #reads = 0

  constructor(world: World, seed: number, plan: Plan, chance: Chance, { rules, brief }: Variation) {
    this.#world = world
    this.#seed = seed
    this.#plan = plan
    this.#chance = chance
    this.#brief = brief ?? false
    this.#ledger = new Ledger(rules)
    this.#scheduler = new Scheduler(this.#ledger, chance, plan.burst)
    this.#condemnedRoots = plan.condemnedRoots
    this.#readers = plan.readers
  }

  async run(): Promise<Outcome> {
    const { pushers, collectors, compactions, history } = this.#plan
    for (const [key, bytes] of this.#history.objects) await this.#ledger.put('history', this.#rootName(key), bytes)
    for (const [i, pusher] of pushers.entries()) this.#startPusher(`push ${'ABC'[i]}`, pusher)
    for (const [i, habits] of collectors.entries()) {
      this.#startCollector(`gc ${i + 1}`, habits, (collector) => collector.collect())
    }
    const choose = (keys: string[]): string => this.#chance.pick(keys)
    for (const [i, habits] of compactions.entries()) {
      this.#startCollector(`compaction ${i + 1}`, habits, (collector) => collector.compact(choose))
    }
    this.#scheduler.onStep = () => this.#condemnRoot()
    this.#scheduler.trace.push(`the past: ${history}`)
    await this.#scheduler.run()
    if (!this.#brief && this.#ledger.violations.length === 0) await this.#rest()
    const { violations } = this.#ledger
    const { trace, processes } = this.#scheduler
    const repaired = processes.filter(({ roots }) => roots > 1).length
    const steps = processes.reduce((sum, process) => sum + process.steps, 0)
    return {
      seed: this.#seed,
      violations,
      trace,
      steps,
      acknowledged: this.#acknowledged,
      repaired,
      reads: this.#reads,
    }
  }

  async close(): Promise<void> {
    await this.#scheduler.close()
    for (const { cache, name } of this.#caches) {
      cache.close()
      rmSync(join(this.#world.folder, name), { recursive: true })
    }
  }

  get #history() {
    return this.#world.histories.get(this.#plan.history)!
  }

  #rootName(key: string): string {
    return this.#plan.rootsByContent && key.startsWith('roots/')
      ? rootByContent(key, this.#history.objects.get(key)!)
      : key
  }

  #machine(has: 'data' | 'nothing', tables?: string): Cache {
    const name = `machine ${this.#caches.length}`
    const cache = this.#world.machine(name, has, tables)
    this.#caches.push({ cache, name })
    return cache
  }

  #startPusher(name: string, plan: PusherPlan): void {
    const neighbour = this.#unfinished.at(-1)
    const shared = plan.shares && neighbour?.plan.has === plan.has ? neighbour.cache : undefined
    const cache = shared ?? this.#machine(plan.has, plan.remembers ? this.#history.tables : undefined)
    const one = { name, cache, plan }
    this.#unfinished.push(one)
    const process = this.#scheduler.start(name, plan.habits, async (store) => {
      const mutant = this.#plan.mutation?.(store, this.#ledger)
      const patient = plan.retries ? retryStore(mutant ?? store, PATIENT) : (mutant ?? store)
      const listsBefore = this.#ledger.lists
      try {
        const report = await push(plan.targets, this.#context(patient, cache, plan))
        await mutant?.settled?.()
        if (process.state === 'crashed') return
        this.#unfinished.splice(this.#unfinished.indexOf(one), 1)
        this.#acknowledge(
          name,
          plan,
          report.missing.map(({ path }) => path),
        )
      } catch (error) {
        if (process.state !== 'crashed') this.#excuse(name, plan, error, this.#ledger.lists - listsBefore)
      }
    })
  }

  #context(store: ObjectStore, cache: Cache, { asks }: PusherPlan): PushContext {
    const { pool } = this.#world
    const relatives = async (): Promise<Target[]> => this.#history.targets
    return { store, cache, pool, compress: false, repo: REPO, site: SITE, commits: [], ...(asks && { relatives }) }
  }

  #acknowledge(name: string, { targets, has }: PusherPlan, missing: string[]): void {
    if (has === 'data' && missing.length > 0) this.#violated(`${name} misses ${missing.join(', ')}`)
    const kept = targets.filter(({ path }) => !missing.includes(path))
    this.#scheduler.trace.push(`${name} returns`)
    if (missing.length === 0) this.#acknowledged++
    this.#ledger.promise(name, kept)
    if (kept.length > 0 && this.#readers-- > 0) this.#startReader(`reader ${this.#readers + 1}`, kept)
  }

  /** A push may fail where calls fail, and where it has been condemned again and again; not for any other reason. */
  #excuse(name: string, { habits, retries }: PusherPlan, error: unknown, lists: number): void {
    this.#scheduler.trace.push(`${name} fails: ${String(error)}`)
    const unanswered = isArtError(error, 'REMOTE_UNAVAILABLE') && !retries && habits.lost + habits.late > 0
    const harassed = isArtError(error, 'REMOTE_REFUSED') && lists > 3
    if (!unanswered && !harassed) this.#violated(`${name} fails: ${String(error)} ${(error as Error).stack}`)
  }

  #startCollector(name: string, habits: Habits, work: (collector: Collector) => Promise<void>): void {
    const process = this.#scheduler.start(name, habits, async (store) => {
      try {
        await work(this.#collector(store))
      } catch (error) {
        // What another gc has deleted under its hands makes a gc give up.
        if (!isArtError(error, 'NOT_FOUND') && !isArtError(error, 'REMOTE_DAMAGED') && process.state !== 'crashed') {
          this.#violated(`${name} fails: ${String(error)}`)
        }
      }
    })
  }

  #collector(store: ObjectStore): Collector {
    const { drops, flaws, givesUp } = this.#plan
    const old = new Set(givesUp ? this.#history.roots.map((root) => this.#rootName(root)) : [])
    return new Collector(store, { givenUp: (root) => flaws.givesUpUnknown || old.has(root), drops, flaws })
  }

  #startReader(name: string, targets: readonly Target[]): void {
    const cache = this.#machine('nothing', this.#chance.happens(0.5) ? this.#history.tables : undefined)
    this.#reads++
    const process = this.#scheduler.start(name, drawPauses(this.#chance), async (store) => {
      try {
        await this.#read(name, store, cache, targets)
      } catch (error) {
        if (process.state !== 'crashed') this.#violated(`${name} fails: ${String(error)}`)
      }
    })
  }

  async #read(name: string, store: ObjectStore, cache: Cache, targets: readonly Target[]): Promise<void> {
    const { missing } = await fetch(targets, { store, cache, pool: async () => this.#world.pool })
    for (const { path, message } of missing) this.#violated(`${name} lacks ${path}: ${message}`)
    if (missing.length === 0) for (const target of targets) readWhole(target, cache)
  }

  /** As a clone does that gives up roots: any root may be condemned before its push has looked at the lists. */
  async #condemnRoot(): Promise<void> {
    if (this.#condemnedRoots === 0 || !this.#chance.happens(0.2)) return
    const open = this.#scheduler.processes.find(
      ({ unchecked }) => unchecked !== undefined && this.#ledger.has(unchecked),
    )
    if (open === undefined) return
    const n = String(this.#condemnedRoots--).padStart(12, '0')
    this.#scheduler.trace.push(`${open.unchecked} is condemned`)
    await this.#ledger.put('condemner', `gc/${n}-${'f'.repeat(16)}`, encodeCondemned([open.unchecked!]))
  }

  /** Whoever failed tries again; then gcs in peace leave what is needed, all of it, and nothing else. */
  async #rest(): Promise<void> {
    const { memory } = this.#ledger
    for (const { name, cache, plan } of this.#unfinished) {
      const store = direct(this.#ledger, `${name} again`)
      const { missing } = await push(plan.targets, this.#context(store, cache, plan))
      this.#acknowledge(
        `${name} again`,
        plan,
        missing.map(({ path }) => path),
      )
    }
    // A root that another one includes goes one gc after that.
    for (const n of [1, 2, 3]) await this.#collector(direct(this.#ledger, `gc ${n} at rest`)).collect()
    const left = new Set(this.#ledger.keys().filter(isData))
    for (const key of await new Collector(memory, { givenUp: () => false }).needed()) left.delete(key)
    if (left.size > 0) this.#violated(`left behind: ${[...left].join(', ')}`)
    await this.#read('a reader at rest', memory, this.#machine('nothing'), this.#ledger.promised)
  }

  #violated(what: string): void {
    this.#ledger.violations.push(what)
  }
}

/** Reads every content of a target, checked against its oid. Throws where one is not there. */
function readWhole({ kind, oid }: Target, cache: Cache): void {
  if (kind === 'f') return void cache.readNode(fromHex(oid))
  for (const { section, i } of members(indexFromTree(fromHex(oid), cache.readNode)))
    cache.readNode(section.records.oid(i))
}

/** The remote without a scheduler. */
function direct(ledger: Ledger, name: string): ObjectStore {
  const { memory } = ledger
  return {
    url: memory.url,
    capabilities: memory.capabilities,
    head: (key, options) => memory.head(key, options),
    get: (key, options) => memory.get(key, options),
    list: (prefix, options) => memory.list(prefix, options),
    put: async (key, body, options) => ledger.put(name, key, Uint8Array.from(body as Uint8Array), options),
    delete: async (keys) => {
      for (const key of keys) await ledger.delete(name, key)
    },
  }
}
