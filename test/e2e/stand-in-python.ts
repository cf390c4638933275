import { chmodSync } from 'node:fs'
import { freshName, place } from './fresh.ts'

/** What a Python answers that has made an export. */
export const RESULT = {
  ok: true,
  result: { torch: '2.9.0', exporter: 'dynamo', compared_with: 'onnxruntime 1.22.0', max_abs_diff: 1.5e-7 },
}

/** A Python that runs lines of sh, so that every way to fail can be had: `$work` is the folder that art gave it, `answer` takes what it answers from stdin. */
export function standInPython(lines: string): string[] {
  const head = '#!/bin/sh\nwork=$(dirname "$2")\nanswer() { cat > "$work/answer.json"; }\n'
  const path = place.write(`${freshName('python')}/python`, `${head}${lines}\n`)
  chmodSync(path, 0o755)
  return ['--python', path]
}

/** A Python that makes a product by `make`, lines of sh that write to stdout, and answers. */
export function pythonThatMakes(make: string, document: unknown = RESULT): string[] {
  const answer = `answer <<'END'\n${JSON.stringify(document)}\nEND`
  return standInPython(`{ ${make}; } > "$work/product/model.onnx"\n${answer}`)
}
