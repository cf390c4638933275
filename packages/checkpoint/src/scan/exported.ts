import { isAffordableJson } from '../json-cost.ts'
import type { Source } from '../source.ts'
import type { Findings } from './findings.ts'
import { NAMESPACES } from './torchscript.ts'

const PROGRAM_MAX = 16 << 20

/** Where `torch.export.load` starts looking for an operator by its dotted name, through any attributes of these modules. */
const LOOKED_UP = /^(?:torch|_operator|math|#)/
const OPERATOR = /^torch\.ops\.(\w+)\.\w+(?:\.\w+)?$/
const HARMLESS =
  /^(?:torch\.sym_\w+|torch\._sym_\w+|math\.[a-z]\w*|_operator\.(?:getitem|add|sub|mul|truediv|floordiv|mod|neg|pos|pow|eq|ne|lt|le|gt|ge|and_|or_|not_|xor|lshift|rshift|abs|index))$/

/** A program in a `torch.export` archive is JSON, with names of operators in `models/NAME.json`. */
export function isProgramName(name: string): boolean {
  return /(?:^|\/)models\/[^/]+\.json$/.test(name) || name === 'serialized_exported_program.json'
}

/**
 * The program holds no code, but loading it resolves each `target` attribute by attribute from `torch`, `operator` or `math`, and gives each
 * `expr_str` to SymPy, which evaluates it: https://github.com/pytorch/pytorch/blob/v2.15.0/torch/_export/serde/serialize.py
 * (`deserialize_operator`, `_parse_sym_expr`). Whatever is no plain operator or expression is a problem.
 */
export async function scanProgram(findings: Findings, source: Source, where: string): Promise<void> {
  if (source.size > PROGRAM_MAX) return findings.incomplete(`${where}: too long to look into`)
  const bytes = await source.read(0, source.size, findings.options)
  if (!isAffordableJson(bytes)) return findings.incomplete(`${where}: it makes more than a program can need`)
  let program: unknown
  try {
    program = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return findings.incomplete(`${where}: it is no JSON`)
  }
  const left: unknown[] = [program]
  for (let value = left.pop(); left.length > 0 || value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue
    for (const [key, part] of Object.entries(value)) {
      if (typeof part === 'object') left.push(part)
      else if (key === 'target' && typeof part === 'string') checkTarget(findings, part, where)
      else if (key === 'expr_str' && typeof part === 'string') checkExpression(findings, part, where)
    }
  }
}

function checkTarget(findings: Findings, target: string, where: string): void {
  if (!LOOKED_UP.test(target) || HARMLESS.test(target)) return
  const namespace = OPERATOR.exec(target)?.[1]
  if (namespace === undefined) findings.problem(`${where}: calls ${target}, which is no operator`)
  else if (!NAMESPACES.has(namespace))
    findings.problem(`${where}: operators of ${namespace}, which torch does not bring`)
}

const FUNCTIONS: ReadonlySet<string> = new Set(['floor', 'ceiling', 'sqrt', 'exp', 'log', 'sin', 'cos', 'tan', 'abs'])

/** Arithmetic of symbols and numbers, with SymPy's classes and a few functions; attributes, other texts and calls could reach Python. */
function checkExpression(findings: Findings, expression: string, where: string): void {
  const text = expression.replaceAll(/'([A-Za-z]\w*)'/g, '$1')
  const isPlain = /^[\w\s+\-*/%(),<>=&|~!^.]*$/.test(text) && !/__|\.\s*[A-Za-z_]/.test(text)
  const called = Array.from(text.matchAll(/\b(\w+)\s*\(/g), ([, name]) => name!)
  if (isPlain && called.every((name) => FUNCTIONS.has(name) || /^[A-Z]/.test(name))) return
  findings.problem(`${where}: evaluates an expression that is more than arithmetic`)
}
