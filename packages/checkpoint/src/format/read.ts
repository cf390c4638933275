import type { CallOptions } from '@art/core'
import type { ModelFile } from '../model-file.ts'
import type { OpenBeside, Source } from '../source.ts'
import { type Detected, detect } from './detect.ts'

export interface ReadModelOptions extends CallOptions {
  /** For models in more than one file. Without it, what they lack is told as if it were not there. */
  openBeside?: OpenBeside | undefined
}

/**
 * Reads the tables of a model file in whatever format it has, and no payload; undefined for what is no model file. Nothing of it is
 * executed. Loads the code of that format alone. Fails with `CORRUPT`, `UNSUPPORTED`, `PATH_UNSAFE` or `NOT_FOUND`.
 */
export async function readModel(source: Source, options: ReadModelOptions = {}): Promise<ModelFile | undefined> {
  const detected = await detect(source, options)
  return detected === undefined ? undefined : readDetected(source, detected, options)
}

async function readDetected(source: Source, detected: Detected, options: ReadModelOptions): Promise<ModelFile> {
  const { openBeside } = options
  switch (detected.format) {
    case 'safetensors': {
      if (detected.isIndex !== true)
        return (await import('./safetensors/safetensors.ts')).readSafetensors(source, options)
      const { readShardedSafetensors } = await import('./safetensors/sharded.ts')
      return readShardedSafetensors(source, openBeside ?? (async () => undefined), options)
    }
    case 'onnx':
      return (await import('./onnx/onnx.ts')).readOnnx(source, openBeside, options)
    case 'gguf':
      return (await import('./gguf/gguf.ts')).readGguf(source, options)
    case 'npy':
      return (await import('./numpy/npy.ts')).readNpy(source, options)
    case 'npz':
      return (await import('./numpy/npz.ts')).readNpz(source, options)
    case 'pytorch':
      if (detected.isIndex === true) {
        const { readShardedPyTorch } = await import('./pytorch/sharded.ts')
        return readShardedPyTorch(source, openBeside ?? (async () => undefined), options)
      }
      return (await import('./pytorch/read.ts')).readPyTorch(source, options, detected.zip)
    case 'pytorch-legacy':
    case 'torchscript':
    case 'torch-export':
      return (await import('./pytorch/read.ts')).readPyTorch(source, options, detected.zip)
  }
}
