import type { RemoteProbe } from '@art/repo/api.ts'
import { escapeText } from './escape.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

/** One line a step, then the verdict. */
export function renderProbe(
  { name, url, steps, ok, writable, conditionalPut, compression }: RemoteProbe,
  { paint }: View,
): string {
  const rows = steps.map((step) => [
    step.ok ? paint('green', 'ok') : paint('red', 'failed'),
    escapeText(step.name),
    escapeText(step.detail),
  ])
  const facts = [
    writable ? 'writable' : 'read-only',
    conditionalPut ? 'conditional writes' : 'no conditional writes (not needed)',
    compression ? 'compression on' : 'compression off',
  ]
  const verdict = ok
    ? `${name} (${url}) works: ${facts.join(', ')}`
    : `${name} (${url}) does not work yet: see what failed above`
  return [...renderTable(rows, [{}, {}, {}], undefined), escapeText(verdict)].join('\n')
}
