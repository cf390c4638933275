import { afterEach, beforeEach, expect, it } from 'vitest'
import { pointersAt } from '../git/history.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { findPointers } from './find.ts'
import { PointerBudget } from './pointer-budget.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

it('pointers of an ordinary size are read, however many there are', () => {
  const budget = new PointerBudget()
  let fitting = 0
  for (let i = 0; i < 1_000_000; i++) if (budget.fits(i % 16_384)) fitting++
  expect(fitting).toBe(1_000_000)
})

it('very many that are as large as a pointer may be are not all taken into memory: those beyond are named', async () => {
  for (let i = 0; i < 50; i++) {
    await made.pointer(`m${i}`)
    made.write(`m${i}.art`, `${made.read(`m${i}.art`)}# ${i} ${'x'.repeat(1_000_000)}\n`)
  }
  const { artifacts, failed } = await findPointers(await made.open())
  expect(artifacts.length).toBeGreaterThan(20)
  expect(artifacts.length).toBeLessThan(40)
  expect(artifacts.length + failed.length).toBe(50)
  expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['POINTER_INVALID']))
  made.commit()
  const texts = (await pointersAt(await made.open(), 'HEAD')).map(({ text }) => text)
  expect(texts.filter((text) => text !== '').length).toBeLessThan(40)
})
