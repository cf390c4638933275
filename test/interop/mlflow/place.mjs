// Where the real MLflow is that its interop suite runs against.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { STAMP } from '../torch/place.mjs'

const TOOLS = fileURLToPath(new URL('../../../.tools/', import.meta.url))

/** The environment's folder; `ART_TEST_MLFLOW` names one that has mlflow already. */
export const MLFLOW = process.env.ART_TEST_MLFLOW || join(TOOLS, 'mlflow')

/**
 * The Python that has MLflow's client and server; undefined where it was not installed.
 * @returns {string | undefined}
 */
export function findMlflow() {
  const python = join(MLFLOW, 'bin/python')
  if (process.env.ART_TEST_MLFLOW) return existsSync(python) ? python : undefined
  const stamp = join(MLFLOW, STAMP)
  return existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8').includes('mlflow') ? python : undefined
}
