import type { ModelFile, Tensor, Value } from '../../model-file.ts'
import { newBudget } from '../../pickle/budget.ts'
import { dict } from '../../pickle/value.ts'
import type { Member } from '../../zip/zip.ts'
import type { Archive } from './archive.ts'
import { refuseExpansion } from './expansion.ts'
import { containerFacts, isBigEndian, readObject } from './torch-zip.ts'
import type { Reading } from './unpickle.ts'
import { listTensors, warningsOf } from './walk.ts'

/**
 * What `torch.jit.save` writes: the module as an object whose attributes are tensors and modules, with records `data/N`, and what its code
 * holds as constants, with records `constants/N`: all weights of a frozen module. The code itself is not looked at.
 * https://github.com/pytorch/pytorch/blob/main/torch/csrc/jit/docs/serialization.md
 */
export async function readTorchScript(
  archive: Archive,
  pickle: Member | undefined,
  constants: Member,
  reading: Reading,
): Promise<ModelFile> {
  const bigEndian = await isBigEndian(archive, reading)
  const root = pickle === undefined ? dict([]) : await readObject(archive, pickle, 'data/', bigEndian, reading)
  const others: Value = await readObject(archive, constants, 'constants/', bigEndian, reading)
  const budget = newBudget(reading.limits)
  const tensors: Tensor[] = [...listTensors(root, budget), ...listTensors(dict([['constants', others]]), budget)]
  refuseExpansion(tensors, archive.zip.source.size)
  return {
    format: 'torchscript',
    tensors,
    root,
    metadata: await containerFacts(archive, reading),
    imports: [...reading.imports].sort(),
    warnings: [...reading.warnings, ...warningsOf(tensors)],
  }
}
