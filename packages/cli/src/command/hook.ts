import type { Failure } from '@art/repo/api.ts'
import { type HookResult, runHook } from '@art/repo/hook/run.ts'
import { check } from '@art/repo/verb/check.ts'
import { checkout } from '@art/repo/verb/checkout.ts'
import { pushLeaving } from '@art/repo/verb/push.ts'
import { renderCheckout } from '../render/checkout.ts'
import { renderTransfer } from '../render/transfer.ts'
import type { View } from '../render/view.ts'
import { callOptions, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'name', describe: 'pre-commit, post-checkout, post-merge or pre-push' },
    { name: 'argument', describe: 'what git gave the hook', optional: true, many: true },
  ],
  flags: {},
  details: 'What the hooks that `art install` writes call.',
  examples: [],
  async run(context, { operands: [name = '', ...args] }) {
    const repo = await openHere(context)
    const stdin = name === 'pre-push' ? await context.readStdin() : Buffer.alloc(0)
    const begun = performance.now()
    const actions = {
      check,
      checkout: (...[at, options]: [typeof repo, Parameters<typeof checkout>[2]]) => checkout(at, [], options),
      push: pushLeaving,
    }
    const result = await runHook(repo, name, args, stdin, actions, callOptions(context))
    const milliseconds = performance.now() - begun
    return {
      document: result,
      text: (view) => renderHook(result, milliseconds, view),
      failed: failuresOf(result),
      exitCode: result.ok ? 0 : 1,
    }
  },
})

/** Git shows what a hook prints, so that is nothing where nothing was done. */
function renderHook(result: HookResult, milliseconds: number, view: View): string {
  if (!result.ran) return ''
  if (result.hook === 'pre-push')
    return result.push.artifacts > 0 ? `art: ${renderTransfer(result.push, 'push', milliseconds, view)}` : ''
  if (result.hook === 'pre-commit') return ''
  const { added, modified, removed } = result.checkout
  return added.length + modified.length + removed.length > 0
    ? `art: ${renderCheckout(result.checkout, view, { summary: true })}`
    : ''
}

function failuresOf(result: HookResult): readonly Failure[] {
  if (!result.ran) return []
  if (result.hook === 'pre-push') return result.push.failed
  return result.hook === 'pre-commit' ? result.check.problems : result.checkout.failed
}
