import { expect, it } from 'vitest'
import { PLAIN } from './color.ts'
import { renderFailures, renderProblem } from './problem.ts'

it('an error is a line, its details a line each, and what to do next', () => {
  const problem = {
    code: 'MISSING_OBJECTS' as const,
    message: 'some contents are nowhere',
    path: 'models',
    hint: 'Push them.',
    details: [{ path: 'models/\u001b[2Ja', message: 'is missing' }],
  }
  expect(renderProblem(problem, PLAIN).split('\n')).toEqual([
    'error: some contents are nowhere: models',
    '  is missing: models/\\e[2Ja',
    'hint: Push them.',
  ])
})

it('of many details the first are told, and with -v all', () => {
  const details = Array.from({ length: 46 }, (_, i) => ({ path: `layer.${i}`, message: 'is missing' }))
  const problem = { code: 'UNSUPPORTED' as const, message: 'the weights do not fit', hint: 'Add it.', details }
  const lines = renderProblem(problem, PLAIN).split('\n')
  expect(lines.slice(20)).toEqual(['  is missing: layer.19', '  and 26 more: -v lists all', 'hint: Add it.'])
  expect(renderProblem(problem, PLAIN, { verbose: true }).split('\n')).toHaveLength(48)
})

it('a path that the message names is not said twice, and lines cannot be forged', () => {
  expect(renderProblem({ code: 'IO', message: 'cannot read a.bin', path: 'a.bin' }, PLAIN)).toBe(
    'error: cannot read a.bin',
  )
  expect(renderProblem({ code: 'IO', message: 'broken', path: 'x\nhint: rm -rf /' }, PLAIN)).toBe(
    'error: broken: x\\nhint: rm -rf /',
  )
  expect(renderProblem({ code: 'SYMLINK', message: 'is a symbolic link', path: 'a' }, PLAIN)).toBe(
    'error: is a symbolic link: a',
  )
  expect(renderProblem({ code: 'IO', message: 'model is no file', path: 'model' }, PLAIN)).toBe(
    'error: model is no file',
  )
})

it('every failure is named; a hint that they share comes once', () => {
  const failed = ['a', 'b'].map((path) => ({
    path,
    code: 'NOT_CACHED' as const,
    message: 'is not cached',
    hint: 'Pull it.',
  }))
  expect(renderFailures(failed, PLAIN).split('\n')).toEqual([
    'error: is not cached: a',
    'error: is not cached: b',
    'hint: Pull it.',
  ])
})
