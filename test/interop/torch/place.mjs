// Where the real PyTorch is that interop suites and benchmarks run against.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const TOOLS = fileURLToPath(new URL('../../../.tools/', import.meta.url))

/** What test/interop/install.mjs keeps in an environment once all of it is there. */
export const STAMP = '.installed'

/** The environment's folder: `ART_TEST_TORCH` names one with torch, safetensors, numpy and omegaconf that is there already. */
export const TORCH = process.env.ART_TEST_TORCH || join(TOOLS, 'torch')

/**
 * The Python that has torch, and whether it can write ONNX; undefined where it was not installed.
 * @returns {{ python: string, onnx: boolean } | undefined}
 */
export function findTorch() {
  const python = join(TORCH, 'bin/python')
  if (process.env.ART_TEST_TORCH) return existsSync(python) ? { python, onnx: true } : undefined
  const stamp = join(TORCH, STAMP)
  if (!existsSync(python) || !existsSync(stamp)) return undefined
  return { python, onnx: /^onnx==/m.test(readFileSync(stamp, 'utf8')) }
}
