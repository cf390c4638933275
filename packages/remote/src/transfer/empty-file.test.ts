import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeRecipe } from '@art/core/recipe/recipe.ts'
import { newRecipeKey } from '../layout/keys.ts'
import { TwoMachines } from './two-machines.ts'

let machines: TwoMachines
beforeEach(async () => {
  machines = await TwoMachines.start()
})
afterEach(() => machines.close())

describe('an empty file', () => {
  it('comes to a machine that has none, like any other', async () => {
    const target = await machines.addFile('empty.bin', new Uint8Array())
    await machines.push([target])
    const report = await machines.fetch([target])
    expect(report).toMatchObject({ missing: [], fetched: [target] })
    expect(machines.there.hasFile(Buffer.from(target.oid, 'hex'), 0)).toBe(true)
  })

  it('comes with the rest of a directory of which a part was here', async () => {
    const target = await machines.addDirectory('data', { 'a.txt': Buffer.from('a'), empty: new Uint8Array() })
    await machines.push([target])
    await machines.fetch([{ ...target, inside: 'a.txt' }])
    expect((await machines.fetch([target])).missing).toEqual([])
    const { oid } = await machines.addFile('empty', new Uint8Array())
    expect(machines.there.hasFile(Buffer.from(oid, 'hex'), 0)).toBe(true)
  })

  it('is not what another oid stands for, whatever a pointer and a recipe say', async () => {
    await machines.push([await machines.addFile('x', Buffer.from('x'))])
    const oid = 'ab'.repeat(32)
    const recipe = encodeRecipe({ kind: 'f', oid, size: 0, packs: [], runs: new Uint32Array() })
    await machines.store.put(newRecipeKey('f', oid), recipe)
    const report = await machines.fetch([{ kind: 'f', oid, size: 0, path: 'liar.bin' }])
    expect(report.missing).toMatchObject([{ path: 'liar.bin', message: expect.stringContaining('recipe') }])
    expect(machines.there.hasFile(Buffer.from(oid, 'hex'), 0)).toBe(false)
  })
})
