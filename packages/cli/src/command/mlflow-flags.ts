import type { Flags } from './spec.ts'

export const MLFLOW_FLAGS = {
  uri: {
    type: 'string',
    value: 'address',
    describe: 'of the server, instead of MLFLOW_TRACKING_URI and the setting mlflow.uri',
  },
  'dry-run': { type: 'boolean', alias: 'n', describe: 'say what would be done' },
} as const satisfies Flags
