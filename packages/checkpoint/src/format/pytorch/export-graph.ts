import type { Graph, Port } from '../../model-file.ts'
import { exportDtype, exportShape } from './export-meta.ts'
import { at, elementsOf, type Json } from './json.ts'

/** The graph of a program that `torch.export` saved: what a user gives and gets, and how often each operator occurs. */
export function exportGraph(program: Json): Graph {
  const module = at(program, 'graph_module')
  const nodes = elementsOf(at(module, 'graph', 'nodes'))
  const counts = new Map<string, number>()
  for (const node of nodes) {
    const target = at(node, 'target')
    const name = typeof target === 'string' ? target.replace(/^torch\.ops\./, '') : '?'
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const port = (spec: Json, kind: string): Port[] => {
    const name = at(spec, kind, 'arg', 'as_tensor', 'name')
    if (typeof name !== 'string') return []
    const meta = at(module, 'graph', 'tensor_values', name)
    return [{ name, dtype: exportDtype(meta), shape: exportShape(meta) }]
  }
  return {
    inputs: elementsOf(at(module, 'signature', 'input_specs')).flatMap((spec) => port(spec, 'user_input')),
    outputs: elementsOf(at(module, 'signature', 'output_specs')).flatMap((spec) => port(spec, 'user_output')),
    operators: new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    nodes: nodes.length,
  }
}
