import type { Value } from '../model-file.ts'
import { attribute } from '../pickle/value.ts'
import { scalarOf } from './fact.ts'
import type { ReadNumber } from './read-number.ts'

/** How far training had come when the file was saved. */
export interface Progress {
  readonly epoch?: number
  readonly step?: number
  /** The epoch to start from when training goes on: as the file says, else the one after `epoch`. */
  readonly resumeEpoch?: number
}

const EPOCH_KEYS = ['epoch', 'current_epoch', 'last_epoch', 'epochs_trained', 'epochs_done', 'epoch_num', 'epochs_run']
const RESUME_KEYS = ['start_epoch', 'resume_epoch', 'next_epoch']
/** Lightning counts the epochs that it went through, though validation after the last one may not be over: there it goes on. */
const LIGHTNING_EPOCHS = ['loops', 'fit_loop', 'epoch_progress', 'current', 'processed']
const STEP_KEYS = 'global_step step iteration iter iter_num iterations steps num_steps num_updates current_step'.split(
  ' ',
)

/** Where programs keep such figures beside the state dict, after the object itself. */
const PLACES = ['meta', 'trainer_state', 'train_state', 'training_state', 'state', 'info', 'progress']

export async function progressOf(root: Value | undefined, read: ReadNumber): Promise<Progress> {
  const epoch = await firstNumber(root, EPOCH_KEYS, read)
  const step = await firstNumber(root, STEP_KEYS, read)
  const resumeEpoch =
    (await firstNumber(root, RESUME_KEYS, read)) ??
    (await read(LIGHTNING_EPOCHS.reduce(attribute, root))) ??
    (epoch === undefined ? undefined : epoch + 1)
  return {
    ...(epoch === undefined ? {} : { epoch }),
    ...(step === undefined ? {} : { step }),
    ...(resumeEpoch === undefined ? {} : { resumeEpoch: Math.floor(resumeEpoch) }),
  }
}

async function firstNumber(
  root: Value | undefined,
  keys: readonly string[],
  read: ReadNumber,
): Promise<number | undefined> {
  for (const holder of holders(root)) {
    for (const key of keys) {
      const found = await read(attribute(holder, key))
      if (found !== undefined && Number.isFinite(found)) return found
    }
  }
  return undefined
}

function holders(root: Value | undefined): (Value | undefined)[] {
  return [root, ...PLACES.map((place) => attribute(root, place))]
}

const TORCH_KEYS = ['torch_version', 'pytorch_version', 'torch', 'pytorch', 'torch.__version__']
const VERSION_PLACES = [
  ...PLACES,
  'versions',
  'version',
  'env',
  'environment',
  'metadata',
  'config',
  'args',
  'hyper_parameters',
]

/** The version of torch that wrote the file, where somebody put it there: no container of torch records it. */
export function torchVersionOf(root: Value | undefined): string | undefined {
  for (const holder of [root, ...VERSION_PLACES.map((place) => attribute(root, place))]) {
    for (const key of TORCH_KEYS) {
      const version = scalarOf(attribute(holder, key))
      if (typeof version === 'string' && /^v?\d+\.\d+[\w.+-]{0,40}$/.test(version)) return version
    }
  }
  return undefined
}
