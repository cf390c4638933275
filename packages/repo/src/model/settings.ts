import type { Config } from '../config/config.ts'

/** What the configuration says of model files. */
export interface ModelSettings {
  /** Are they read at all when they are added, and tables kept? */
  facts: boolean
  metrics: readonly string[] | undefined
  stateDict: string | undefined
}

export function modelSettings(config: Config): ModelSettings {
  return {
    facts: config.get('models.facts'),
    metrics: config.get('models.metrics'),
    stateDict: config.get('models.state_dict'),
  }
}
