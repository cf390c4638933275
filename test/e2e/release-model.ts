import { expect } from 'vitest'
import type { Work } from './harness.ts'

/** What `art release --json` says. */
export interface Released {
  model: string
  path: string
  assumed: boolean
  version: string
  from: string | null
  bump: string | null
  why: string[]
  notes: string[]
  tag: string
  oid: string
  metrics: { name: string; before?: number; after?: number }[]
  files: { path: string; state: string }[]
  gitCommit: string
  commit: string | null
  branch: string | null
  pushed: { remote: string; branch?: string } | null
  left: string[]
  next: string[] | null
}

/** A safetensors model with weights of these shapes, all of one value, that says how good it is. */
export function modelFile(shapes: Record<string, number[]>, facts: { val_acc?: number; fill?: number } = {}): Buffer {
  let end = 0
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const start = end
    end += 4 * shape.reduce((product, size) => product * size, 1)
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }] as const
  })
  const metadata = facts.val_acc === undefined ? {} : { __metadata__: { val_acc: String(facts.val_acc) } }
  const text = JSON.stringify({ ...metadata, ...Object.fromEntries(entries) })
  const header = text.padEnd(Math.ceil(text.length / 8) * 8)
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(header.length))
  const values = new Float32Array(end / 4).fill(facts.fill ?? 0)
  return Buffer.concat([size, Buffer.from(header), Buffer.from(values.buffer)])
}

export const NET = { 'conv.weight': [2, 3], 'fc.weight': [4, 2] }

/** What models.yaml says of a model, as `key: value` lines. */
export function modelsFile(models: Record<string, Record<string, string>>): string {
  const sections = Object.entries(models).map(
    ([name, lines]) =>
      `  ${name}:\n${Object.entries(lines)
        .map(([key, value]) => `    ${key}: ${value}\n`)
        .join('')}`,
  )
  return `models:\n${sections.join('')}`
}

/** Adds a model, commits and pushes its content: ready to be released. */
export async function ready(
  work: Work,
  path: string,
  content: Buffer,
  files: Record<string, string> = {},
): Promise<void> {
  work.write(path, content)
  for (const [name, text] of Object.entries(files)) work.write(name, text)
  await work.ok('add', path)
  await work.commit(`Train ${path}`)
  await work.ok('push')
}

/** Everything that git refers to. */
export async function refsOf(work: Work): Promise<string> {
  return await work.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags')
}

/** The reasons that are given, each with what to do; nothing may have been made. */
export async function reasons(of: Work, ...args: string[]): Promise<string> {
  const before = await refsOf(of)
  const { code, stderr } = await of.art('release', 'resnet', '--json', ...args)
  expect(code).toBe(1)
  const { error } = JSON.parse(stderr) as {
    error: { code: string; hint: string; details: { message: string; path: string; hint?: string }[] }
  }
  expect(error.code, stderr).toBe('RELEASE_REFUSED')
  expect(await refsOf(of)).toBe(before)
  const hint = error.details.length === 1 ? error.hint : ''
  return error.details.map((one) => `${one.message} [${one.path}] ${one.hint ?? hint}`).join('\n')
}

export const PATH = 'models/resnet_best.safetensors'
/** What models.yaml says of it. */
export const RESNET = { resnet: { path: PATH, metric: 'val_acc', dataset: 'CIFAR-10' } }

export async function firstRelease(work: Work): Promise<Released> {
  await ready(work, PATH, modelFile(NET, { val_acc: 0.8 }), { 'models.yaml': modelsFile(RESNET) })
  return await work.json<Released>('release', 'resnet')
}
