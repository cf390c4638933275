import { execFileSync } from 'node:child_process'
import { parseTagMessage } from '@art/registry/tag/message.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { openRegistry, registryWith } from './open.ts'
import { readTags } from './tags.ts'

let made: TemporaryRepo
let commit: string
beforeEach(async () => {
  made = await TemporaryRepo.create()
  commit = made.commit('first')
})
afterEach(() => made.remove())

/** Makes a tag object by its text, as another program might. */
function tagObject(
  name: string,
  { type = 'commit', object = commit, tagger = 'T <t@x> 5 +0000', message = 'm\n' } = {},
) {
  const lines = [`object ${object}`, `type ${type}`, `tag ${name}`, ...(tagger === '' ? [] : [`tagger ${tagger}`])]
  const hash = execFileSync('git', ['hash-object', '-t', 'tag', '-w', '--literally', '--stdin'], {
    cwd: made.root,
    env: made.environment,
    input: `${lines.join('\n')}\n\n${message}`,
    encoding: 'utf8',
  }).trim()
  made.git('update-ref', `refs/tags/${name}`, hash)
  return hash
}

const tagsByName = async () => new Map((await readTags(await made.open())).map((tag) => [tag.name, tag]))

describe('tags', () => {
  test('are read with who made them, when, and what they say', async () => {
    const message = 'Release m 1.0.0\n\nFirst.\n\nart: 1\npath: "é.pth"\n'
    tagObject('m@v1.0.0', { message, tagger: 'Zoë <z@x> 1700000000 +0200' })
    made.git('tag', 'light')
    const tags = await tagsByName()
    expect(tags.get('m@v1.0.0')).toMatchObject({
      commit,
      annotated: true,
      author: 'Zoë <z@x>',
      date: 1_700_000_000_000,
    })
    expect(parseTagMessage(tags.get('m@v1.0.0')!.message)).toEqual({ path: 'é.pth' })
    expect(tags.get('light')).toMatchObject({ commit, annotated: false, author: 'T <t@example.org>', message: '' })
  })

  test('of tags are of the commit that they lead to; those of trees and blobs are none', async () => {
    const first = tagObject('m@v1.0.0')
    const second = tagObject('m#prod#1', { type: 'tag', object: first })
    tagObject('m#prod#2', { type: 'tag', object: second })
    const tree = made.git('rev-parse', 'HEAD^{tree}')
    tagObject('tree', { type: 'tree', object: tree })
    tagObject('deep-tree', { type: 'tag', object: made.git('rev-parse', 'tree') })
    const tags = await tagsByName()
    expect([...tags.keys()]).toEqual(['m#prod#1', 'm#prod#2', 'm@v1.0.0'])
    expect([...tags.values()].map((tag) => tag.commit)).toEqual([commit, commit, commit])
  })

  test('without a tagger, or with a date that no calendar has, are read all the same', async () => {
    tagObject('old', { tagger: '' })
    tagObject('late', { tagger: 'T <t@x> 99999999999999999 +0000' })
    tagObject('odd', { tagger: 'T <t@x> soon' })
    for (const { date } of (await tagsByName()).values()) expect(new Date(date).toISOString()).toMatch(/^\d{4}-/)
    expect((await tagsByName()).size).toBe(3)
  })
})

describe('a registry', () => {
  test('reads forms of its own beside that of GTO, and takes a tag that is about to be made', async () => {
    made.write('models.yaml', 'models:\n  m: {path: m.pth, tag_format: "m-v{version}"}\n  n: n.pth\n')
    for (const name of ['m-v1.0.0', 'm@v1.1.0', 'n@v2.0.0', 'v9.9.9', 'm-v1']) tagObject(name)
    const registry = await openRegistry(await made.open())
    const names = (of: typeof registry) =>
      [...of.ledger.values()].flatMap(({ events }) => events.map(({ tag }) => tag.name))
    expect(names(registry)).toEqual(['m-v1.0.0', 'm@v1.1.0', 'n@v2.0.0'])
    const next = { commit, annotated: true, date: 9000, author: '', message: '', name: 'n#prod#1' }
    expect(names(registryWith(registry, [next]))).toEqual(['m-v1.0.0', 'm@v1.1.0', 'n@v2.0.0', 'n#prod#1'])
    expect(names(registry)).toHaveLength(3)
  })

  test('of a folder has the tags that begin with it', async () => {
    made.write('cv/.art/config.yaml', made.read('.art/config.yaml'))
    for (const name of ['cv=pool-seg@v0.0.1', 'pool-seg@v0.0.2']) tagObject(name)
    const { ledger, folder } = await openRegistry(await made.open(`${made.root}/cv`))
    expect(folder).toBe('cv')
    expect([...ledger.get('pool-seg')!.events].map(({ tag }) => tag.name)).toEqual(['cv=pool-seg@v0.0.1'])
  })
})
