// Where the Python is that has what examples/serving needs: onnxruntime, numpy and Pillow.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { STAMP } from '../torch/place.mjs'

const TOOLS = fileURLToPath(new URL('../../../.tools/', import.meta.url))
const SERVING = process.env.ART_TEST_SERVING || join(TOOLS, 'serving')

export const skipReason = 'onnxruntime is not installed: node test/interop/install.mjs needs Python and PyPI'

/**
 * The Python, and the folder of its packages; undefined where it was not installed. `ART_TEST_SERVING` names an environment that is there already.
 * @returns {{ python: string, packages: string } | undefined}
 */
export function findServing() {
  const python = join(SERVING, 'bin/python')
  if (!existsSync(python) || !(process.env.ART_TEST_SERVING || existsSync(join(SERVING, STAMP)))) return undefined
  const [version] = readdirSync(join(SERVING, 'lib')).filter((name) => name.startsWith('python'))
  return version === undefined ? undefined : { python, packages: join(SERVING, 'lib', version, 'site-packages') }
}
