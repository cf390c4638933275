import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError, type CallOptions } from '@art/core'
import type {
  CheckOptions,
  CheckResult,
  CheckoutOptions,
  CheckoutResult,
  TransferOptions,
  TransferResult,
} from '../api.ts'
import type { Repo } from '../open.ts'
import { type Leaving, leavingPointers } from './leaving.ts'
import { HOOKS, isHookName, type HookName } from './names.ts'

/** The verbs that hooks stand for. */
export interface HookActions {
  check(repo: Repo, options: CheckOptions): Promise<CheckResult>
  checkout(repo: Repo, options: CheckoutOptions): Promise<CheckoutResult>
  /** Pushes exactly these, whatever is checked out. */
  push(repo: Repo, leaving: Leaving, options: TransferOptions): Promise<TransferResult>
}

export type HookResult =
  | { hook: HookName; ok: true; ran: false; reason: string }
  | { hook: 'pre-commit'; ok: boolean; ran: true; check: CheckResult }
  | { hook: 'post-checkout' | 'post-merge'; ok: boolean; ran: true; checkout: CheckoutResult }
  | { hook: 'pre-push'; ok: boolean; ran: true; push: TransferResult }

/** Does what `art install` promised, for a hook that git runs with these arguments and this standard input. */
export async function runHook(
  repo: Repo,
  name: string,
  args: readonly string[],
  stdin: Buffer,
  actions: HookActions,
  options: CallOptions = {},
): Promise<HookResult> {
  if (!isHookName(name)) {
    throw new ArtError('USAGE', `art has no hook ${JSON.stringify(name)}`, {
      path: name,
      hint: `There are ${HOOKS.join(', ')}.`,
    })
  }
  const skip = (reason: string): HookResult => ({ hook: name, ok: true, ran: false, reason })
  if (name === 'pre-commit') {
    const check = await actions.check(repo, options)
    return { hook: name, ok: check.ok, ran: true, check }
  }
  if (name === 'pre-push') {
    const leaving = await leavingPointers(repo, args[0] ?? '', stdin.toString('utf8'), options)
    if (leaving.pointers.length === 0) return skip('the leaving commits name no artifacts')
    const push = await actions.push(repo, leaving, options)
    return { hook: name, ok: push.failed.length === 0, ran: true, push }
  }
  if (name === 'post-checkout' && args[2] !== '1') return skip('single files were checked out, not a commit')
  if (isRebasing(repo)) return skip('a rebase is going on')
  const checkout = await actions.checkout(repo, options)
  return { hook: name, ok: checkout.failed.length === 0, ran: true, checkout }
}

function isRebasing({ gitDir }: Repo): boolean {
  return gitDir !== undefined && ['rebase-merge', 'rebase-apply'].some((folder) => existsSync(join(gitDir, folder)))
}
