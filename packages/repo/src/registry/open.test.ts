import { afterEach, beforeEach, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { textAt } from './open.ts'

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
