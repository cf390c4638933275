import { expect, it } from 'vitest'
import { modelFileAmong } from './folder-model.ts'

it.each<[string[], string | undefined]>([
  [
    [
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'optimizer.pt',
      'scheduler.pt',
      'rng_state.pth',
      'training_args.bin',
    ],
    'model.safetensors',
  ],
  [
    ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'model.safetensors.index.json'],
    'model.safetensors.index.json',
  ],
  [['pytorch_model.bin', 'config.json', 'rng_state_0.pth', 'optimizer.bin'], 'pytorch_model.bin'],
  [['pytorch_model.bin', 'model.safetensors', 'tf_model.h5'], 'model.safetensors'],
  [['adapter_model.safetensors', 'adapter_config.json'], 'adapter_model.safetensors'],
  [['a.safetensors', 'b.safetensors'], undefined],
  [['a.safetensors.index.json', 'b.safetensors.index.json'], undefined],
  [['llama.Q4_K.gguf', 'README.md'], 'llama.Q4_K.gguf'],
  [['best.pth', 'log.csv'], 'best.pth'],
  [['epoch_1.pth', 'epoch_2.pth'], undefined],
  [['0001.png', '0002.png', 'labels.csv'], undefined],
  [['optimizer.pt'], undefined],
  [[], undefined],
])('of %j the model is %s', (names, model) => {
  expect(modelFileAmong(names)).toBe(model)
})
