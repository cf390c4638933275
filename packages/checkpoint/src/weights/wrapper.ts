/** What torch.compile, FSDP and activation checkpointing put into names, wherever the module was wrapped. */
const WRAPPERS = new Set(['_orig_mod', '_fsdp_wrapped_module', '_checkpoint_wrapped_module'])

/** Of `torch.optim.swa_utils.AveragedModel`: counts the models averaged, beside `module`. */
export const AVERAGED_COUNT = 'n_averaged'

/**
 * Names without what wrappers add: the segments above anywhere, and `module.` (DataParallel, DistributedDataParallel, AveragedModel) while all
 * names start with it. As they were, where two would become one.
 */
export function unwrapNames(names: readonly string[]): string[] {
  let unwrapped = names.map(withoutWrappers)
  const counts = (name: string) => name !== AVERAGED_COUNT
  while (unwrapped.some(counts) && unwrapped.filter(counts).every((name) => name.startsWith('module.')))
    unwrapped = unwrapped.map((name) => (counts(name) ? name.slice('module.'.length) : name))
  if (unwrapped.every((name, i) => name === names[i])) return unwrapped
  return new Set(unwrapped).size < new Set(names).size ? [...names] : unwrapped
}

function withoutWrappers(name: string): string {
  if (!name.includes('_mod')) return name
  const kept = name.split('.').filter((segment) => !WRAPPERS.has(segment))
  return kept.length === 0 ? name : kept.join('.')
}
