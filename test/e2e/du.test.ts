import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eachRepository, store, work } from './fresh.ts'
import { expectProblem } from './problem.ts'

interface Du {
  artifacts: {
    path: string
    logical: number
    here: { unique: number; shared: number; absent: number }
    remote?: { unique: number; shared: number; state: string }
  }[]
  total: { logical: number; here: { stored: number; absent: number }; remote?: { stored: number } }
  cache: { bytes: number; unnamed: number }
}

eachRepository({ remote: true })

/** Bytes of all files below a folder. */
function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

test('what is shared counts once, the largest comes first, and the sum is what lies there', async () => {
  const backbone = randomBytes(2_000_000)
  work.write('models/a.bin', Buffer.concat([backbone, randomBytes(600_000)]))
  work.write('models/b.bin', Buffer.concat([backbone, randomBytes(300_000)]))
  work.write('models/set/one.bin', randomBytes(5000))
  work.write('models/set/two.bin', randomBytes(5000))
  await work.ok('add', 'models/a.bin', 'models/b.bin', 'models/set')
  await work.commit('models')
  await work.ok('push')
  const here = await work.json<Du>('du')
  expect(here.artifacts.map(({ path }) => path)).toEqual(['models/a.bin', 'models/b.bin', 'models/set'])
  expect(here.artifacts[0]).toMatchObject({ here: { unique: 2_600_000, shared: 0, absent: 0 } })
  expect(here.artifacts[0]!.remote).toBeUndefined()
  expect(here.total.here.stored).toBe(here.artifacts.reduce((sum, one) => sum + one.here.unique, 0))
  // A file of the cache that nobody names is told too; packs have a footer of 20 bytes.
  expect(here.cache.unnamed).toBeLessThan(100)
  const there = await work.json<Du>('du', '-c')
  const [a, b, set] = there.artifacts.map(({ remote }) => remote!)
  expect(a!.shared).toBe(b!.shared)
  expect(a!.shared).toBeGreaterThan(1_700_000)
  expect(there.total.remote!.stored).toBe(a!.unique + b!.unique + set!.unique + a!.shared)
  const packs = readdirSync(join(store, 'packs')).length
  expect(there.total.remote!.stored).toBe(
    bytesBelow(join(store, 'packs')) - packs * 20 + bytesBelow(join(store, 'recipes')),
  )
  // Alone in the list it shares with what is not listed.
  const alone = await work.json<Du>('du', '-c', 'models/a.bin')
  expect(alone.artifacts[0]!.remote).toEqual(a)
  expect(alone.total.remote!.stored).toBe(a!.unique + a!.shared)
  const { stdout } = await work.ok('du', '-c')
  expect(stdout).toMatch(/^ +here +here +origin +origin\n +size +unique +shared +unique +shared +path\n/)
  expect(stdout).toMatch(/3 artifacts, each byte once/)
})

test('says what is not here and not there, and needs no remote unless it is asked', async () => {
  work.write('a.bin', randomBytes(3000))
  work.write('b.bin', randomBytes(2000))
  await work.ok('add', 'a.bin', 'b.bin')
  await work.ok('push', 'a.bin')
  rmSync(work.path('.art/cache/packs'), { recursive: true })
  const found = await work.json<Du>('du', '-c')
  expect(found.artifacts).toMatchObject([
    { path: 'a.bin', here: { unique: 0, absent: 3000 }, remote: { state: 'ok' } },
    { path: 'b.bin', here: { unique: 0, absent: 2000 }, remote: { unique: 0, shared: 0, state: 'missing' } },
  ])
  expect((await work.ok('du', '-c')).stdout).toMatch(/b\.bin +not in the cache, not pushed/)
  rmSync(store, { recursive: true })
  await work.ok('du')
  await expectProblem(work, ['du', '-r', 'nowhere'], { code: 'REMOTE_UNKNOWN', path: 'nowhere' })
  await expectProblem(work, ['du', 'absent'], { code: 'NOT_TRACKED', path: 'absent' })
})
