import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CheckResult, CheckoutResult, TransferResult } from '../api.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import type { Leaving } from './leaving.ts'
import { type HookActions, runHook } from './run.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
  made.commit('first')
})
afterEach(() => made.remove())

describe('a hook’s work', () => {
  const checked: CheckResult = { ok: false, checked: 1, problems: [] }
  const checkedOut: CheckoutResult = {
    added: [],
    modified: [],
    removed: [],
    unchanged: [],
    files: 0,
    bytes: 0,
    failed: [],
  }
  const bytes = { logical: 0, new: 0, transferred: 0, stored: 0 }
  const pushed: TransferResult = { remote: 'r', artifacts: 0, files: 0, bytes, failed: [] }
  let leaving: Leaving | undefined
  const actions: HookActions = {
    check: () => Promise.resolve(checked),
    checkout: () => Promise.resolve(checkedOut),
    push: (_, found) => {
      leaving = found
      return Promise.resolve(pushed)
    },
  }
  const run = async (name: string, args: string[], stdin = '') =>
    runHook(await made.open(), name, args, Buffer.from(stdin), actions)
  const none = '0'.repeat(40)

  it('is the check before a commit', async () => {
    expect(await run('pre-commit', [])).toEqual({ hook: 'pre-commit', ok: false, ran: true, check: checked })
    await expect(run('pre-receive', [])).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('is a checkout after a branch was, but not for single files or during a rebase', async () => {
    expect(await run('post-checkout', [none, none, '1'])).toMatchObject({ ran: true, ok: true })
    expect(await run('post-checkout', [none, none, '0'])).toMatchObject({ ran: false })
    expect(await run('post-merge', ['0'])).toMatchObject({ ran: true })
    mkdirSync(join(made.root, '.git/rebase-merge'))
    expect(await run('post-checkout', [none, none, '1'])).toMatchObject({ ran: false, reason: 'a rebase is going on' })
  })

  it('is a push of everything that the leaving commits name, and of nothing else', async () => {
    const names = () => leaving?.pointers.map(({ path, pointer }) => `${path}=${pointer.oid[0]}`).sort()
    made.gitIn(made.base, 'init', '-q', '--bare', 'there.git')
    made.git('remote', 'add', 'origin', '../there.git')
    await made.pointer('m/old', 'a')
    const first = made.commit()
    made.git('push', '-q', 'origin', 'main')
    await made.pointer('m/old', 'b')
    await made.pointer('m/é x', 'c')
    const second = made.commit()
    await made.pointer('m/old', 'd')
    const third = made.commit()
    made.git('checkout', '-q', first)
    made.git('tag', '-a', 'v1', '-m', 'v1', second)
    const push = `refs/heads/main ${third} refs/heads/main ${first}\n`
    expect(await run('pre-push', ['origin', '../there.git'], push)).toMatchObject({ ok: true, ran: true })
    expect(names()).toEqual(['m/old=b', 'm/old=d', 'm/é x=c'])
    expect(leaving?.commits.sort()).toEqual([second, third].sort())
    await run(
      'pre-push',
      ['origin', '../there.git'],
      `refs/tags/v1 ${made.git('rev-parse', 'v1')} refs/tags/v1 ${none}\n`,
    )
    expect(names()).toEqual(['m/old=b', 'm/é x=c'])
    await run('pre-push', ['../there.git', '../there.git'], `refs/heads/main ${third} refs/heads/x ${none}\n`)
    expect(names()).toEqual(['m/old=a', 'm/old=b', 'm/old=d', 'm/é x=c'])
    leaving = undefined
    expect(await run('pre-push', ['origin', ''], `(delete) ${none} refs/heads/main ${first}\n`)).toMatchObject({
      ran: false,
    })
    expect(await run('pre-push', ['origin', ''], '')).toMatchObject({ ran: false })
    await run('pre-push', ['origin', ''], `refs/heads/main ${third} refs/heads/main ${'1'.repeat(40)}\n`)
    expect(names()).toEqual(['m/old=b', 'm/old=d', 'm/é x=c'])
  })

  it('warns about a broken pointer in history, which nobody could push', async () => {
    made.write('bad.art', 'art: 1\n')
    const head = made.commit()
    const warnings: string[] = []
    const result = await runHook(
      await made.open(),
      'pre-push',
      ['x', 'y'],
      Buffer.from(`a ${head} b ${none}\n`),
      actions,
      {
        onEvent: (event) => event.type === 'warning' && warnings.push(`${event.path}`),
      },
    )
    expect(result).toMatchObject({ ok: true, ran: false })
    expect(warnings).toEqual(['bad.art'])
  })
})
