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

/** Every tag of a commit, by one call of git. Other tags are left out. */
export async function readTags(repo: GitContext): Promise<Tag[]> {
  if (repo.gitRoot === undefined) return []
  const format = `${FIELDS.map((field) => `%(${field})`).join('%00')}%00`
  const { stdout } = await runGit(repo, ['for-each-ref', `--format=${format}`, 'refs/tags/'])
  const parts = stdout.toString('utf8').split('\0')
  const tags: Tag[] = []
  for (let at = 0; at + FIELDS.length <= parts.length; at += FIELDS.length) {
    const [name, type, object, peeledType, peeled, date, tagger, taggerMail, author, authorMail, subject, body] =
      parts.slice(at, at + FIELDS.length) as [string, ...string[]]
    const annotated = type === 'tag'
    if ((annotated ? peeledType : type) !== 'commit') continue
    tags.push({
      name: name.replace(/^\n/, ''),
      commit: (annotated ? peeled : object)!,
      annotated,
      date: Number(date) * 1000,
      author: annotated ? `${tagger} ${taggerMail}` : `${author} ${authorMail}`,
      message: annotated ? `${subject}\n\n${body}` : '',
    })
  }
  return tags
}
