import type { Failure, PullResult } from '@art/repo/api.ts'
import { typedPath } from '@art/repo/target/path.ts'
import { pull } from '@art/repo/verb/pull.ts'
import { renderCheckout } from '../render/checkout.ts'
import { renderTransfer } from '../render/transfer.ts'
import { UsageError } from '../usage-error.ts'
import {
  checkoutFromHere,
  failedFromHere,
  fromHere,
  given,
  openHere,
  pathsFromHere,
  transferFromHere,
} from './repository.ts'
import { type Context, defineCommand, type Flags, type Input, type Outcome } from './spec.ts'
import { TARGETS, TRANSFER_FLAGS, transferOptions } from './transfer-flags.ts'

const FLAGS = {
  ...TRANSFER_FLAGS,
  force: { type: 'boolean', alias: 'f', describe: 'overwrite or delete data that the cache does not hold' },
  only: {
    type: 'string',
    value: 'part',
    choices: ['weights'],
    describe: 'weights: only the state dict of each model, as a safetensors file beside where the data would be',
  },
  output: {
    type: 'string',
    alias: 'o',
    value: 'file',
    complete: 'path',
    describe: 'with --only: where to, for one model',
  },
} as const satisfies Flags

export const command = defineCommand({
  operands: TARGETS,
  flags: FLAGS,
  details:
    'Fetches what the pointers name into the cache, then makes the workspace match them. With --only weights neither gets the whole content: only ' +
    'the chunks that hold the weights are fetched, of a checkpoint trained with Adam a third.',
  examples: [
    ['art pull', 'after `git pull` or `git clone`'],
    ['art pull models', 'only what is below models/'],
    ['art pull --only weights m/resnet.pth', 'writes m/resnet.safetensors'],
  ],
  async run(context, { flags, operands }) {
    if (flags.only !== undefined) return await pullOnlyWeights(context, flags, operands)
    if (flags.output !== undefined)
      throw new UsageError('-o goes with --only weights', 'Data goes where its pointer is: leave -o out.')
    const repo = await openHere(context)
    const begun = performance.now()
    const pulled = await pull(repo, operands, { ...transferOptions(context, flags), ...given({ force: flags.force }) })
    const result = { ...transferFromHere(repo, pulled), checkout: checkoutFromHere(repo, pulled.checkout) }
    const milliseconds = performance.now() - begun
    const failed = [...result.failed, ...untold(pulled).map(fromHere(repo))]
    return {
      document: result,
      text: (view) => {
        const fetched = renderTransfer(result, 'fetch', milliseconds, view)
        const checkedOut = result.would === undefined ? renderCheckout(result.checkout, view, { summary: true }) : ''
        return [fetched, checkedOut].filter((line) => line !== '').join('\n')
      },
      failed,
    }
  },
})

/** What the checkout could not do, but for what is told already: that the remote lacks it, or a file of it. */
function untold({ failed, checkout }: PullResult): Failure[] {
  const told = (path: string, code: string): boolean =>
    failed.some((one) => one.path === path || (code === 'NOT_CACHED' && one.path.startsWith(`${path}/`)))
  return checkout.failed.filter(({ path, code }) => !told(path, code))
}

async function pullOnlyWeights(
  context: Context,
  flags: Input<typeof FLAGS>['flags'],
  operands: readonly string[],
): Promise<Outcome> {
  const { rev: revs = [], allBranches, allTags, allCommits, ...options } = transferOptions(context, flags)
  if (allBranches || allTags || allCommits || revs.length > 1) {
    throw new UsageError('--only weights brings the models of one revision', 'Name it with --rev, or leave it out.')
  }
  const [{ pullWeights }, { renderPulledWeights }] = [
    await import('@art/repo/verb/pull-weights.ts'),
    await import('../render/weights.ts'),
  ]
  const repo = await openHere(context)
  const begun = performance.now()
  const { force, output } = flags
  const pulled = await pullWeights(repo, operands, { ...options, ...given({ force, output, rev: revs[0] }) })
  const milliseconds = performance.now() - begun
  const result = {
    ...failedFromHere(repo, pulled),
    weights: pulled.weights.map((one) => ({ ...one, artifact: typedPath(repo, one.artifact) })),
    skipped: pathsFromHere(repo, pulled.skipped),
    checkout: checkoutFromHere(repo, pulled.checkout),
  }
  return {
    document: result,
    text: (view) => renderPulledWeights(result, milliseconds, view),
    failed: [...result.failed, ...result.checkout.failed],
  }
}
