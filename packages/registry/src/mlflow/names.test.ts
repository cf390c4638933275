import { BLOCK_BYTES, BLOCK_KEYS } from '@art/checkpoint/facts/bounds.ts'
import { formatPlainYaml, parsePlainYaml, type YamlMap } from '@art/core/yaml/plain.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isModelName } from '../tag/name.ts'
import { factsFrom, versionOrigin } from './adoption.ts'
import { aliasOf, metricName, modelNameFrom, withMetricNames } from './names.ts'
import type { ModelVersion } from './registered-model.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 300 })

describe('names for MLflow', () => {
  it.each([
    ['val_acc', 'val_acc'],
    ['val/top-1 acc.', 'val/top-1 acc.'],
    ['acc@5', 'acc_5'],
    ['/a//b/', 'a/b'],
    ['../x', '__/x'],
    ['größe', 'gr__e'],
    ['', '_'],
  ])('make of the metric %j %j', (name, expected) => expect(metricName(name)).toBe(expected))

  it('are such that every MLflow takes them', () => {
    fc.assert(
      fc.property(text, (name) => {
        const made = metricName(name)
        expect(made).toMatch(/^[A-Za-z0-9_\-./ ]{1,250}$/)
        expect(made.split('/').every((part) => part !== '' && part !== '.' && part !== '..')).toBe(true)
        expect(aliasOf(name)).toMatch(/^[\w-]{0,250}$/)
        expect(aliasOf(name)).not.toMatch(/^(?:v\d+|latest)$/i)
      }),
    )
  })

  it('that become the same are one, the first', () => {
    expect(withMetricNames({ 'a@': 1, a_: 2 })).toEqual(new Map([['a_', 1]]))
  })

  it.each([
    ['production', 'production'],
    ['latest', 'stage-latest'],
    ['v2', 'stage-v2'],
    ['eu/blue', 'eu-blue'],
  ])('make of the stage %s the alias %s', (stage, alias) => expect(aliasOf(stage)).toBe(alias))
})

describe('what comes from MLflow', () => {
  it('gets a name that tags can carry, or none', () => {
    expect(modelNameFrom('churn model (v2)')).toBe('churn-model-v2')
    expect(modelNameFrom('日本')).toBeUndefined()
    const isGood = (name: string): boolean => {
      const made = modelNameFrom(name)
      return made === undefined || isModelName(made)
    }
    fc.assert(fc.property(text, isGood))
  })

  it('fits into a pointer, whatever a server says', () => {
    const record = fc.array(fc.tuple(text, fc.oneof(text, fc.double().map(String))), { maxLength: 90 })
    fc.assert(
      fc.property(record, record, fc.option(text), (metrics, params, description) => {
        const version: ModelVersion = {
          name: 'm',
          version: '3',
          source: undefined,
          run: 'r',
          status: 'READY',
          created: undefined,
          description: description ?? undefined,
          tags: new Map(),
        }
        const run = {
          id: 'r',
          experiment: '0',
          name: undefined,
          status: 'FINISHED',
          isDeleted: false,
          artifactUri: '',
          startTime: 0,
          tags: new Map<string, string>(),
          params: new Map(params),
          models: [],
          metrics: new Map(metrics.map(([name, value]) => [name, { value: Number(value), step: 1 }])),
        }
        const { facts } = factsFrom(versionOrigin(version), { description: version.description, run })
        const lines: YamlMap = new Map()
        lines.set('metrics', new Map(Object.entries(facts.metrics)))
        lines.set('meta', new Map(Object.entries(facts.meta)))
        if (facts.desc !== undefined) lines.set('desc', facts.desc)
        const written = formatPlainYaml(lines)
        expect(Buffer.byteLength(written)).toBeLessThanOrEqual(BLOCK_BYTES)
        const count = Object.keys(facts.metrics).length + Object.keys(facts.meta).length
        expect(count).toBeLessThanOrEqual(BLOCK_KEYS)
        expect(parsePlainYaml(written)).toBeDefined()
        expect(facts.meta).toMatchObject({ mlflow_model: 'm', mlflow_version: 3, mlflow_run: 'r' })
      }),
      { numRuns: 200 },
    )
  })
})
