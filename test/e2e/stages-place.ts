import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DATA, type Outcome, type Place, type Work } from './harness.ts'

/** Three contents of one model, each better than the one before: val_acc 0.786, 0.886 and 0.915. */
const CONTENTS = ['simple_cnn.pth', 'simple_cnn_finetuned.pth', 'models/torch/seed.pth'].map((name) => join(DATA, name))

/** The day of November 2026 on which each of them was released, at ten. */
export const dayOf = (version: number): string => `2026-11-0${version}`

/** At a second of its own: tags that come later are later, whatever the test's clock. */
export function at(date: string): { env: Record<string, string> } {
  return { env: { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date } }
}

/** A repository with a git remote and one of art, and `resnet` 1.0.0, 2.0.0 and 3.0.0, all of it pushed. */
export async function releasedThrice(place: Place, name = 'work'): Promise<Work> {
  const work = await place.repository(name)
  await place.run('git', ['init', '-q', '--bare', '-b', 'main', place.path(`${name}.git`)])
  await work.git('remote', 'add', 'origin', place.path(`${name}.git`))
  await work.ok('remote', 'add', '-d', 'store', place.path(`${name}-store`))
  work.write('models.yaml', 'models:\n  resnet: {path: models/resnet_best.pth, title: ResNet, metric: val_acc}\n')
  for (const [index, content] of CONTENTS.entries()) {
    const path = work.path('models/resnet_best.pth')
    mkdirSync(dirname(path), { recursive: true })
    copyFileSync(content, path)
    await work.ok('add', 'models/resnet_best.pth')
    await work.commit(`train ${index + 1}`)
    await work.git('push', '-q', '-u', 'origin', 'main')
    await work.ok('push')
    const version = `${index + 1}.0.0`
    await succeed(work, at(`${dayOf(index + 1)}T10:00:00Z`), 'release', 'resnet', '--version', version, '--push')
  }
  return work
}

/** Runs `art` in an environment of its own, and fails the test unless it ends with 0. */
export async function succeed(
  work: Work,
  options: { env: Record<string, string> },
  ...args: string[]
): Promise<Outcome> {
  const outcome = await work.artWith(options, ...args)
  if (outcome.code !== 0)
    throw new Error(`art ${args.join(' ')} ended with ${outcome.code}\n${outcome.stdout}${outcome.stderr}`)
  return outcome
}

/** Everything of a repository that a refused command must leave as it was. */
export async function stateOf(work: Work): Promise<string> {
  const refs = await work.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags')
  return `${refs}\n${await work.git('status', '--porcelain')}`
}
