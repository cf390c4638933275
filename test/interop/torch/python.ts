import { join } from 'node:path'
import { type Place, ROOT } from '../../e2e/harness.ts'
import { findTorch, TORCH } from './place.mjs'

export const SCRIPTS = join(ROOT, 'test/interop/torch')

/** Undefined where the real PyTorch is not installed; `skipReason` says why. */
export const torch = findTorch()
export const skipReason =
  'the real PyTorch is not installed: node test/interop/install.mjs needs Python, PyPI and 12 GB'

/** What a script prints. Bytecode of all suites goes into the environment, not beside the scripts. */
export async function python(place: Place, script: string, args: readonly string[], input = ''): Promise<string> {
  const env = { PYTHONPYCACHEPREFIX: join(TORCH, 'bytecode'), PYTHONUTF8: '1' }
  const { code, stdout, stderr } = await place.run(torch!.python, [script, ...args], { env, input })
  if (code !== 0) throw new Error(`${script} ended with ${code}\n${stderr.slice(-3000)}`)
  return stdout
}
