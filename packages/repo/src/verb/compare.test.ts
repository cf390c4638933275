import type { ArtEvent } from '@art/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { compare } from './compare.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

it('takes no more figures of a pointer than art writes, and says that there were more', async () => {
  await made.pointer('honest.pth')
  made.write('honest.pth.art', `${made.read('honest.pth.art')}checkpoint:\n  loss: 0.5\n`)
  await made.pointer('many.pth', 'b')
  const metrics = Array.from({ length: 1000 }, (_, i) => `  m${i}: ${i}\n`).join('')
  made.write('many.pth.art', `${made.read('many.pth.art')}checkpoint:\n  loss: 0.1\n${metrics}`)
  const events: ArtEvent[] = []
  const onEvent = (event: ArtEvent): void => void events.push(event)
  const { models } = await compare([], { cwd: made.root, environment: made.environment, onEvent })
  expect(models.map(({ name }) => name)).toEqual(['many.pth', 'honest.pth'])
  expect(models.map((model) => Object.keys(model.metrics).length)).toEqual([64, 1])
  const message = 'its pointer has more figures than art writes: 937 are left out'
  expect(events).toEqual([{ type: 'warning', message, path: 'many.pth' }])
})

it('leaves out what art writes beside models, unless that alone is named', async () => {
  await made.pointer('models/m.pth')
  made.write('models/m.pth.art', `${made.read('models/m.pth.art')}checkpoint:\n  loss: 0.5\n`)
  const others = ['models/registry.json', 'models/m_v1.0.0_metadata.yaml']
  for (const path of others) made.write(path, '{}\n')
  const call = { cwd: made.root, environment: made.environment }
  const { models, failed } = await compare(['models/m.pth.art', ...others], call)
  expect([models.map(({ name }) => name), failed]).toEqual([['models/m.pth'], []])
  expect((await compare([others[0]!], call)).failed).toMatchObject([{ path: others[0] }])
})
