import { mkdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { configGet, configSet, configUnset } from '../verb/config.ts'
import { parseRequirement } from './requirement.ts'

describe('a requirement', () => {
  test.each([
    ['safe', { kind: 'safe' }],
    [' pushed ', { kind: 'pushed' }],
    ['val_acc >= 0.9', { kind: 'figure', metric: 'val_acc', operator: '>=', value: 0.9 }],
    ['val/acc@1<-1e-3', { kind: 'figure', metric: 'val/acc@1', operator: '<', value: -0.001 }],
    ['epoch = 10', { kind: 'figure', metric: 'epoch', operator: '==', value: 10 }],
    ['not  worse than current', { kind: 'current', metric: undefined, strictly: false }],
    ['val_loss better than current', { kind: 'current', metric: 'val_loss', strictly: true }],
  ])('%s', (text, requirement) => expect(parseRequirement(text)).toEqual(requirement))

  test.each([
    '',
    'saef',
    'val_acc',
    'val_acc >> 1',
    'val_acc >= ',
    'val_acc >= 90%',
    '>= 0.9',
    'a b >= 1',
    'x >= 1e999',
  ])('%j is none', (text) => expect(parseRequirement(text)).toBeUndefined())
})

const LINES =
  'stages:\n  production:\n    requires: [safe, "val_acc >= 0.9", "not worse than current"]\n  eu/canary:\n    requires: pushed\n'

describe('stages in the configuration', () => {
  let made: TemporaryRepo
  beforeEach(async () => {
    made = await TemporaryRepo.create()
  })
  afterEach(() => made.remove())

  test('say what each requires, as a list or as a text', async () => {
    made.write('.art/config.yaml', `${made.read('.art/config.yaml')}${LINES}`)
    const { config } = await made.open()
    expect(config.warnings).toEqual([])
    expect(config.stageRequires('production')).toEqual(['safe', 'val_acc >= 0.9', 'not worse than current'])
    expect(config.stageRequires('eu/canary')).toEqual(['pushed'])
    expect(config.stageRequires('dev')).toEqual([])
  })

  test('are set, shown and taken away like other keys', async () => {
    mkdirSync(`${made.root}/sub`)
    await configSet(await made.open(), 'project', 'stages.production.requires', 'safe, val_acc >= 0.9')
    expect(configGet(await made.open(), 'stages.production.requires')).toMatchObject({ value: 'safe,val_acc >= 0.9' })
    await expect(configSet(await made.open(), 'project', 'stages.x.requires', 'saef')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('"saef"'),
    })
    await expect(configSet(await made.open(), 'project', 'stages.x.require', 'safe')).rejects.toMatchObject({
      hint: 'Did you mean stages.x.requires?',
    })
    await configUnset(await made.open(), 'project', 'stages.production.requires')
    expect(made.read('.art/config.yaml')).not.toContain('stages')
  })

  test('that are malformed are told with their line', async () => {
    made.write(
      '.art/config.yaml',
      `${made.read('.art/config.yaml')}stages:\n  production:\n    requires: [safe, val_acc > high]\n`,
    )
    await expect(made.open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/stages\.production\.requires must not have "val_acc > high"/),
      path: expect.stringMatching(/config\.yaml:\d+$/),
    })
  })
})
