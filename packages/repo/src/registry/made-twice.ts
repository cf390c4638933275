import { runGit } from '../git/run.ts'
import type { RemoteRefs } from '../git/push.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import type { Reasons } from './git-gates.ts'
import type { Registry } from './open.ts'

/** Two people made the same tag, and this one's was not sent: `git pull --tags` alone would stop at it. */
export async function madeTwiceGate(
  repo: Repo,
  { ledger }: Registry,
  model: string,
  { remote, refs }: { remote: string; refs: RemoteRefs },
  reasons: Reasons,
): Promise<void> {
  const both = new Set(ledger.get(model)?.events.flatMap(({ tag: { name } }) => (refs.tags.has(name) ? [name] : [])))
  if (both.size === 0) return
  const { stdout } = await runGit(repo, ['for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/tags/'])
  const twice = stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const end = line.indexOf(' ')
      const name = line.slice(end + 1)
      return both.has(name) && refs.tags.get(name) !== line.slice(0, end) ? [name] : []
    })
  if (twice.length === 0) return
  const names = twice.map(shellWord).join(' ')
  reasons.unshift({
    path: twice[0]!,
    message: `${twice.join(', ')} here is not what ${remote} has: somebody else was faster`,
    hint: `Take yours back: \`git tag -d ${names}\`, and \`git reset --keep HEAD~1\` where its commit is the last one. Then pull with --tags and release again.`,
  })
}
