import type { Outcome } from './schedule.ts'

/** What many schedules came to. */
export class Tally {
  schedules = 0
  steps = 0
  acknowledged = 0
  reads = 0
  /** Schedules in which some push had to send something again. */
  repaired = 0
  readonly failed: Outcome[] = []

  add(outcome: Outcome): void {
    this.schedules++
    this.steps += outcome.steps
    this.acknowledged += outcome.acknowledged
    this.reads += outcome.reads
    if (outcome.repaired > 0) this.repaired++
    if (outcome.violations.length > 0) this.failed.push(outcome)
  }

  get repairShare(): number {
    return this.repaired / this.schedules
  }

  toString(): string {
    const share = (100 * this.repairShare).toFixed(1)
    return `${this.schedules} schedules, ${this.steps} calls, ${this.acknowledged} pushes, ${this.reads} reads beside them, repairs in ${share} %`
  }
}

/** How to see it again, and what happened. */
export function explain({ seed, violations, trace }: Outcome, withTrace = false): string {
  const lines = [`seed ${seed} (SEED=${seed} npm run soak replays it):`, ...violations.map((line) => `  ${line}`)]
  if (withTrace) lines.push(...trace.map((line, i) => `  ${String(i).padStart(4)}  ${line}`))
  return lines.join('\n')
}
