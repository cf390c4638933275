import { afterEach, beforeEach, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { models } from '../verb/models.ts'
import { openRegistry, textAt } from './open.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

it('a file of a commit is read as far as a person writes one, and a larger one is an error', async () => {
  made.write('models.yaml', 'models: {}\n')
  made.write('large.art', ' '.repeat((1 << 20) + 1))
  made.write('large.yaml', ' '.repeat((1 << 20) + 1))
  made.commit()
  const repo = await made.open()
  expect(await textAt(repo, 'HEAD', 'models.yaml')).toBe('models: {}\n')
  expect(await textAt(repo, 'HEAD', 'absent')).toBeUndefined()
  expect(await textAt(repo, 'absent', 'models.yaml')).toBeUndefined()
  await expect(textAt(repo, 'HEAD', 'large.art')).rejects.toMatchObject({ code: 'POINTER_INVALID', path: 'large.art' })
  await expect(textAt(repo, 'HEAD', 'large.yaml')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

it('a tag format that cannot be used is told with what sets it', async () => {
  made.write('models.yaml', 'models:\n  net: {path: net.pth, tag_format: net}\n')
  await expect(openRegistry(await made.open())).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'models.yaml' })
  made.write('models.yaml', 'models:\n  net: {path: net.pth, tag_format: 1}\n')
  await expect(openRegistry(await made.open())).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'models.net.tag_format must be a text',
  })
  made.write('models.yaml', 'models: {}\n')
  const repo = await made.open(made.root, { ...made.environment, ART_RELEASE_TAG_FORMAT: '{version}' })
  await expect(openRegistry(repo)).rejects.toMatchObject({ path: 'release.tag_format' })
})

it('a lightweight tag in the form of a stage makes no model', async () => {
  made.commit()
  made.git('tag', 'constructor#production#1')
  made.git('tag', 'net@v1.0.0')
  expect((await models(await made.open())).models.map(({ name }) => name)).toEqual(['net'])
})
