import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../source/bytes.ts'
import { fileSource } from '../source/file.ts'
import { TORCH_VERSION } from './names/weights-only.ts'
import { scanFile, weightsOnly } from './scan.ts'

const MODELS = fileURLToPath(new URL('../../../../test/data/models/', import.meta.url))

/** What the real `torch.load(weights_only=True)` said: null where it took the file, else the first line of its error. */
interface Facts {
  torch: string
  files: Record<string, string | null>
  values: [name: string, file: string, error: string | null][]
}

const facts = JSON.parse(readFileSync(`${MODELS}scan/weights_only.json`, 'utf8')) as Facts

/** The opcode's number or the import that torch names. */
function blamed(error: string): { operand?: number; name?: string } {
  const operand = /Unsupported operand (\d+)/.exec(error)?.[1]
  const name = /Unsupported global: GLOBAL (\S+) was/.exec(error)?.[1]
  return { ...(operand !== undefined && { operand: Number(operand) }), ...(name !== undefined && { name }) }
}

describe('weightsOnly', () => {
  it('has its lists from the torch that the facts are from', () => {
    expect(facts.torch).toBe(TORCH_VERSION)
  })

  it('says of every file what torch says', async () => {
    for (const [path, error] of Object.entries(facts.files)) {
      const source = await fileSource(MODELS + path)
      const said = weightsOnly(await scanFile(source))
      await source.close()
      expect({ path, accepted: said.accepted }).toEqual({ path, accepted: error === null })
    }
  })

  it('names the classes of NumPy that torch wants allowed though no import names them', async () => {
    const file = await fileSource(`${MODELS}torch/values.pth`)
    const { classes } = weightsOnly(await scanFile(file))
    await file.close()
    const names = 'Bool Complex64 DateTime64 Float16 Float32 Float64 Int32 Int64 Object Str TimeDelta64 UInt8'
    expect(classes).toEqual(names.split(' ').map((name) => `numpy.dtypes.${name}DType`))
  })

  it('says of every value, in every protocol, what torch says, and names the import that torch names', async () => {
    for (const [name, file, error] of facts.values) {
      const said = weightsOnly(await scanFile(bytesSource(name, Buffer.from(file, 'base64'))))
      expect({ name, accepted: said.accepted }).toEqual({ name, accepted: error === null })
      const blame = blamed(error ?? '')
      if (blame.name !== undefined) {
        expect(said.globals.map((full) => full.replace(/^builtins\./, ''))).toContain(blame.name)
      }
      if (blame.operand !== undefined)
        expect({ name, opcodes: said.opcodes.length > 0 }).toEqual({ name, opcodes: true })
    }
    expect(facts.values.length).toBeGreaterThan(100)
  })
})
