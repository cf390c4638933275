import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Repo } from '../open.ts'
import { gitLine, identity, isOn } from './line.ts'
import { reasonIn, type GitAnswer, items, runGit } from './run.ts'
import { notSigned } from './signing.ts'

export interface NewTag {
  name: string
  message: string
  /** Full hash; by default the commit that is made, or HEAD where none is. */
  commit?: string
}

/** Makes the object of an annotated tag, which nothing refers to yet; signed where the user's tags are. Full hash. */
export async function makeTag(repo: Repo, { name, message }: NewTag, commit: string): Promise<string> {
  const text = `${message.trimEnd()}\n`
  if ((await isOn(repo, 'tag.gpgSign')) || (await isOn(repo, 'tag.forceSignAnnotated')))
    return await signedTag(repo, name, text, commit)
  const tagger = await identity(repo, 'COMMITTER')
  const input = `object ${commit}\ntype commit\ntag ${name}\ntagger ${tagger}\n\n${text}`
  return await gitLine(repo, ['hash-object', '-t', 'tag', '-w', '--stdin'], { input })
}

/**
 * Only `git tag` knows how to sign, and it makes the reference along with the object. So it does that in a repository of its own, which reads the objects
 * of this one and signs as is done here, and the object alone is taken over.
 */
async function signedTag(repo: Repo, name: string, text: string, commit: string): Promise<string> {
  const folder = realpathSync.native(mkdtempSync(join(tmpdir(), 'art-tag-')))
  try {
    mkdirSync(join(folder, 'refs'))
    mkdirSync(join(folder, 'objects/info'), { recursive: true })
    writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n')
    writeFileSync(join(folder, 'objects/info/alternates'), `${join(repo.commonGitDir ?? repo.gitDir!, 'objects')}\n`)
    writeFileSync(join(folder, 'config'), commit.length === 64 ? SHA256 : '')
    const environment = {
      ...repo.environment,
      ...(await signingSettings(repo)),
      GIT_DIR: folder,
      GIT_WORK_TREE: repo.gitRoot!,
    }
    const apart: Repo = { ...repo, gitDir: folder, environment }
    const args = ['-c', 'core.hooksPath=/dev/null', 'tag', '-s', '--cleanup=verbatim', '-F', '-', '--', name, commit]
    const { stdout } = await signed(apart, args, { name, text })
    return await gitLine(repo, ['hash-object', '-t', 'tag', '-w', '--stdin'], { input: stdout })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Not every git fails where ssh-keygen did: then the tag is there, without a signature. */
async function signed(
  apart: Repo,
  args: readonly string[],
  { name, text }: { name: string; text: string },
): Promise<GitAnswer> {
  const { stderr } = await runGit(apart, args, { input: text }).catch((error: Error) => {
    throw notSigned(apart, 'tag', error.message)
  })
  const answer = await runGit(apart, ['cat-file', 'tag', `refs/tags/${name}`])
  if (/\n-----BEGIN [A-Z ]+-----\n/.test(answer.stdout.toString('latin1'))) return answer
  throw notSigned(apart, 'tag', reasonIn(stderr))
}

const SHA256 = '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n'
const ABOUT_SIGNING = /^(?:user|committer|gpg|tag)\./

/**
 * Who signs and how, as variables of the environment. Git reads it here, because a setting may be of this very place: by `includeIf "gitdir:…"`, or in a
 * file whose path begins at this configuration.
 */
async function signingSettings(repo: Repo): Promise<NodeJS.ProcessEnv> {
  const settings = items(await runGit(repo, ['config', '--list', '-z'])).filter((item) => ABOUT_SIGNING.test(item))
  const first = Number(repo.environment['GIT_CONFIG_COUNT'] ?? 0) || 0
  const variables: NodeJS.ProcessEnv = { GIT_CONFIG_COUNT: String(first + settings.length) }
  for (const [at, setting] of settings.entries()) {
    const end = setting.indexOf('\n')
    variables[`GIT_CONFIG_KEY_${first + at}`] = end === -1 ? setting : setting.slice(0, end)
    variables[`GIT_CONFIG_VALUE_${first + at}`] = end === -1 ? 'true' : setting.slice(end + 1)
  }
  return variables
}
