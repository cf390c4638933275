import { setImmediate as settle } from 'node:timers/promises'
import { ArtError } from '@art/core'
import { CONDEMNED } from '@art/remote/layout/keys.ts'
import type { ObjectStore } from '@art/remote/object-store.ts'
import type { Chance } from './chance.ts'
import type { Ledger } from './ledger.ts'
import { ScheduledStore } from './scheduled-store.ts'

export interface Call {
  operation: 'head' | 'get' | 'put' | 'list' | 'delete'
  key: string
  run: () => Promise<unknown>
  resolve: (value: never) => void
  reject: (error: Error) => void
}

/** What goes wrong with a process. */
export interface Habits {
  /** The call at which it stops for ever; its puts and deletes under way may land later. */
  crashAt: number
  /** Turning points (puts, deletes, and readings of the lists, counted) before which every other process goes first. */
  pauses: ReadonlySet<number>
  /** How likely a put or delete is done but not answered. */
  lost: number
  /** How likely it is not answered, and done later. */
  late: number
}

export interface Process {
  readonly name: string
  readonly habits: Habits
  readonly pending: Call[]
  /** The last root it has put, while it has not begun to read the lists after that. */
  unchecked: string | undefined
  roots: number
  state: 'running' | 'ended' | 'crashed'
  steps: number
  turns: number
  priority: number
}

const STEPS_MAX = 20_000

/** Lets one store call happen at a time, and draws whose. What a process does between two calls takes no time. */
export class Scheduler {
  readonly processes: Process[] = []
  readonly trace: string[] = []
  /** Asked before each step: a chance to do something to the remote from outside. */
  onStep: (() => Promise<void>) | undefined
  readonly #ledger: Ledger
  readonly #chance: Chance
  /** How likely the process that moved last moves again; negative: the one of the highest priority moves. */
  readonly #burst: number
  #late: { what: string; run: () => Promise<unknown> }[] = []
  #last: Process | undefined
  #lowest = 0

  constructor(ledger: Ledger, chance: Chance, burst: number) {
    this.#ledger = ledger
    this.#chance = chance
    this.#burst = burst
  }

  start(name: string, habits: Habits, work: (store: ObjectStore) => Promise<void>): Process {
    const { next } = this.#chance
    const process: Process = {
      name,
      habits,
      pending: [],
      unchecked: undefined,
      roots: 0,
      state: 'running',
      steps: 0,
      turns: 0,
      priority: next(),
    }
    this.processes.push(process)
    const store = new ScheduledStore(name, this.#ledger, this.#chance, (call) => this.#submit(process, call))
    void work(store).then(() => {
      if (process.state === 'running') process.state = 'ended'
    })
    return process
  }

  /** Runs until all processes have ended or crashed, and what they sent has landed. */
  async run(): Promise<void> {
    for (let steps = 0; ; steps++) {
      await this.#quiet()
      await this.onStep?.()
      const process = this.#pick()
      if (process === undefined) break
      if (steps > STEPS_MAX) throw new Error(`no end after ${STEPS_MAX} calls`)
      if (this.#late.length > 0 && this.#chance.happens(0.1)) await this.#land()
      await this.#move(process)
    }
    while (this.#late.length > 0) await this.#land()
  }

  /** Ends what has crashed, so that it lets go of its files. */
  async close(): Promise<void> {
    for (const process of this.processes) {
      if (process.state === 'running') process.state = 'crashed'
      for (const call of process.pending.splice(0)) call.reject(crashed())
    }
    await settle()
  }

  #submit(process: Process, call: Call): void {
    if (process.state === 'running') process.pending.push(call)
    else call.reject(crashed())
  }

  /** Waits until each process waits for its turn. */
  async #quiet(): Promise<void> {
    do await settle()
    while (this.processes.some(({ state, pending }) => state === 'running' && pending.length === 0))
  }

  #pick(): Process | undefined {
    const ready = this.processes.filter(({ state }) => state === 'running')
    if (ready.length === 0) return undefined
    if (this.#burst < 0) return ready.reduce((best, one) => (one.priority > best.priority ? one : best))
    const stays = this.#last?.state === 'running' && this.#chance.happens(this.#burst)
    return stays ? this.#last : this.#chance.pick(ready)
  }

  async #move(process: Process): Promise<void> {
    this.#last = process
    const { habits, pending } = process
    const step = process.steps++
    if (step >= habits.crashAt) return this.#crash(process)
    const call = pending[this.#chance.happens(0.8) ? 0 : this.#chance.below(pending.length)]!
    const changes = call.operation === 'put' || call.operation === 'delete'
    const turns = changes || (call.operation === 'list' && call.key.startsWith(CONDEMNED))
    if (turns && habits.pauses.has(process.turns++)) {
      process.priority = --this.#lowest
      this.#last = undefined
      return
    }
    pending.splice(pending.indexOf(call), 1)
    const fault = this.#chance.next()
    const what = `${process.name} ${call.operation} ${call.key}`
    if (changes && fault < habits.late) {
      this.trace.push(`${what} (later)`)
      this.#late.push({ what, run: call.run })
      return call.reject(unanswered(call.key))
    }
    this.trace.push(what)
    this.#note(process, call)
    try {
      const value = await call.run()
      if (changes && fault < habits.late + habits.lost) call.reject(unanswered(call.key))
      else call.resolve(value as never)
    } catch (error) {
      call.reject(error as Error)
    }
  }

  #note(process: Process, { operation, key }: Call): void {
    if (operation === 'list' && key.startsWith(CONDEMNED)) process.unchecked = undefined
    if (operation !== 'put' || !key.startsWith('roots/') || process.unchecked === key) return
    process.unchecked = key
    process.roots++
  }

  #crash(process: Process): void {
    process.state = 'crashed'
    this.trace.push(`${process.name} crashes`)
    for (const { operation, key, run } of process.pending) {
      if (operation !== 'put' && operation !== 'delete') continue
      if (this.#chance.happens(0.5)) this.#late.push({ what: `${process.name} ${operation} ${key}`, run })
    }
  }

  async #land(): Promise<void> {
    const { what, run } = this.#late.splice(this.#chance.below(this.#late.length), 1)[0]!
    this.trace.push(`${what} lands`)
    await run()
  }
}

function unanswered(path: string): ArtError {
  return new ArtError('REMOTE_UNAVAILABLE', 'connection reset', {
    path,
    hint: 'Run the command again.',
    retryable: true,
  })
}

function crashed(): ArtError {
  return new ArtError('INTERRUPTED', 'the process has crashed')
}
