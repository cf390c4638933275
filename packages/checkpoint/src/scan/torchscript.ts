import type { Source } from '../source.ts'
import type { Findings } from './findings.ts'

const SOURCE_MAX = 4 << 20

/** Operators that read or write files, in what TorchScript's printer makes of them. */
const FILES = /\b(?:torch|ops\.aten)\.(save|from_file)\b/g
/** Namespaces of operators that come with torch and its own libraries; others run what somebody else registered. */
export const NAMESPACES: ReadonlySet<string> = new Set(
  'aten prim prims quantized quantization sparse mkldnn mkldnn_prepacked onednn cuda profiler torchvision torchaudio'.split(
    ' ',
  ),
)
const CUSTOM = /\bops\.([A-Za-z_]\w*)\./g
const CUSTOM_CLASS = /\b__torch__\.torch\.classes\.([A-Za-z_]\w*)\./g
const CLASS_NAMESPACES: ReadonlySet<string> = new Set(['quantized', 'rnn', 'sparse', 'xnnpack'])

/**
 * TorchScript's code runs in an interpreter of torch's own that knows tensors and no Python: it is no import, and art reports that it is
 * there. What can leave that interpreter is a problem: operators that touch files, and those of namespaces that torch does not bring.
 * Any other source is Python, which `torch.package` imports.
 */
export async function scanCode(findings: Findings, source: Source, where: string, isScript: boolean): Promise<void> {
  if (!isScript) return findings.problem(`${where}: Python source, which torch.package runs`)
  findings.note('TorchScript code under code/ runs in torch’s own interpreter when the model is called')
  if (source.size > SOURCE_MAX) return findings.incomplete(`${where}: too long to look into`)
  const text = Buffer.from(await source.read(0, source.size, findings.options)).toString('latin1')
  for (const [, name] of text.matchAll(FILES)) findings.problem(`${where}: torch.${name} reads or writes files`)
  for (const [, name] of text.matchAll(CUSTOM)) {
    if (!NAMESPACES.has(name!)) findings.problem(`${where}: operators of ${name}, which torch does not bring`)
  }
  for (const [, name] of text.matchAll(CUSTOM_CLASS)) {
    if (!CLASS_NAMESPACES.has(name!)) findings.problem(`${where}: classes of ${name}, which run native code`)
  }
}
