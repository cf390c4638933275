const CANDIDATE = /\.(?:safetensors(?:\.index\.json)?|gguf|onnx|pth|pt2?|ckpt|bin(?:\.index\.json)?)$/
/** Names the files of a sharded model. */
export const INDEX = /\.(?:safetensors|bin)\.index\.json$/
/** What trainers leave beside the model. */
const TRAINING = /^(?:optim|sched|scaler|rng_state|random_states|training_args|trainer_state)/

/** Endings of files that hold a whole model, the likeliest first; of each kind a directory may hold one. */
const KINDS: readonly RegExp[] = [/\.safetensors$/, /\.gguf$/, /\.onnx$/, /\.(?:pth|pt2?|ckpt|bin)$/]

/** Names that libraries give to the model itself, where there are more of its kind. */
const USUAL = ['model.safetensors', 'diffusion_pytorch_model.safetensors', 'pytorch_model.bin', 'model.onnx']

/**
 * Which file is the model of a directory that holds one, by the names at its top: the index of a sharded one, or the only file of its kind, or
 * the name that libraries give it. Undefined where there is none, or no telling which.
 */
export function modelFileAmong(names: Iterable<string>): string | undefined {
  const candidates: string[] = []
  for (const name of names) if (CANDIDATE.test(name) && !TRAINING.test(name)) candidates.push(name)
  const indices = candidates.filter((name) => INDEX.test(name))
  const usualIndices = USUAL.map((name) => `${name}.index.json`)
  if (indices.length > 0) return onlyOrUsual(indices, usualIndices)
  for (const kind of KINDS) {
    const some = candidates.filter((name) => kind.test(name))
    if (some.length > 0) return onlyOrUsual(some, USUAL)
  }
  return undefined
}

function onlyOrUsual(names: readonly string[], usual: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : usual.find((name) => names.includes(name))
}
