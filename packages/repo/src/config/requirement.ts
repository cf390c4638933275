/** What a version must be before it gets a stage. */
export type Requirement =
  | { kind: 'safe' | 'pushed' }
  | { kind: 'figure'; metric: string; operator: Operator; value: number }
  /** Against the version that has the stage. Without a metric: the one that counts. */
  | { kind: 'current'; metric: string | undefined; strictly: boolean }

export type Operator = '>=' | '<=' | '>' | '<' | '==' | '!='

const FIGURE = /^([^\s<>=!,]+) ?(>=|<=|==|!=|>|<|=) ?([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)$/
const CURRENT = /^(?:([^\s<>=!,]+) )?(not worse|better) than current$/

/** Reads one requirement as people write it; undefined for anything else. docs/commands/stage.md. */
export function parseRequirement(text: string): Requirement | undefined {
  const written = text.trim().replaceAll(/\s+/g, ' ')
  if (written === 'safe' || written === 'pushed') return { kind: written }
  const [, metric, operator, figure] = FIGURE.exec(written) ?? []
  const value = Number(figure)
  if (metric !== undefined && Number.isFinite(value))
    return { kind: 'figure', metric, operator: operator === '=' ? '==' : (operator as Operator), value }
  const current = CURRENT.exec(written)
  if (current === null) return undefined
  return { kind: 'current', metric: current[1], strictly: current[2] === 'better' }
}

export const REQUIREMENT_FORMS =
  '`safe`, `pushed`, `val_acc >= 0.9`, `not worse than current`, `val_loss better than current`'
