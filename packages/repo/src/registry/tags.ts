import type { Tag } from '@art/registry/tag/tag.ts'
import { type GitContext, runGit } from '../git/run.ts'

const FIELDS = [
  'refname:lstrip=2',
  'objecttype',
  'objectname',
  '*objecttype',
  '*objectname',
  'creatordate:unix',
  'taggername',
  'taggeremail',
  'authorname',
  'authoremail',
  'contents:subject',
  'contents:body',
]

/** The end of the year 9999: no calendar writes a later one in four digits. */
export const LAST_SECOND = 253_402_300_799

/** Every tag of a commit, by one call of git; one more where tags are of tags. Other tags are left out. */
export async function readTags(repo: GitContext): Promise<Tag[]> {
  if (repo.gitRoot === undefined) return []
  const format = `${FIELDS.map((field) => `%(${field})`).join('%00')}%00`
  const { stdout } = await runGit(repo, ['for-each-ref', `--format=${format}`, 'refs/tags/'])
  const parts = stdout.toString('utf8').split('\0')
  const tags: Tag[] = []
  const nested: Tag[] = []
  for (let at = 0; at + FIELDS.length <= parts.length; at += FIELDS.length) {
    const [name, type, object, peeledType, peeled, date, tagger, taggerMail, author, authorMail, subject, body] =
      parts.slice(at, at + FIELDS.length) as [string, ...string[]]
    const annotated = type === 'tag'
    const target = annotated ? peeledType : type
    if (target !== 'commit' && target !== 'tag') continue
    const tag = {
      name: name.replace(/^\n/, ''),
      commit: (annotated ? peeled : object)!,
      annotated,
      date: Math.max(0, Math.min(Number(date) || 0, LAST_SECOND)) * 1000,
      author: (annotated ? `${tagger} ${taggerMail}` : `${author} ${authorMail}`).trim(),
      message: annotated ? `${subject}\n\n${body}` : '',
    }
    tags.push(tag)
    if (target === 'tag') nested.push(tag)
  }
  if (nested.length === 0) return tags
  const commits = await commitsOf(repo, nested)
  return tags.flatMap((tag) => {
    const commit = nested.includes(tag) ? commits.get(tag.name) : tag.commit
    return commit === undefined ? [] : [{ ...tag, commit }]
  })
}

/**
 * What tags of tags lead to in the end: `git tag -a 'm#prod#1' m@v1.0.0` makes one, and git before 2.45 tells only its first step.
 * By name; none of those that lead to no commit.
 */
async function commitsOf(repo: GitContext, tags: readonly Tag[]): Promise<Map<string, string>> {
  const input = tags.map(({ name }) => `refs/tags/${name}^{commit}\n`).join('')
  const { stdout } = await runGit(repo, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], { input })
  const lines = stdout.toString('latin1').split('\n')
  return new Map(
    tags.flatMap(({ name }, at) => {
      const [commit, type] = (lines[at] ?? '').split(' ')
      return type === 'commit' ? [[name, commit!]] : []
    }),
  )
}
