import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { oneRepository, place, work } from './fresh.ts'
import type { Work } from './harness.ts'
import { noise, treeOf } from './tree.ts'

const MiB = 1 << 20

let original: Record<string, string>

oneRepository()
beforeAll(async () => {
  await work.ok('remote', 'add', '-d', 'origin', '../store')
  work.write('large.bin', noise(16 * MiB, 1))
  for (let i = 0; i < 12; i++) work.write(`data/large-${i}`, noise(MiB + i, 10 + i))
  for (let i = 0; i < 400; i++) work.write(`data/small/${i % 8}/${i}`, noise(4_000 + i, 100 + i))
  original = data(work)
})

/** What the user sees of the data; pointers and ignore files are asked about on their own. */
function data(at: Work): Record<string, string> {
  const shown = Object.entries(treeOf(at.folder))
  return Object.fromEntries(shown.filter(([path]) => !/\.art$|\.gitignore$|\.gitattributes$/.test(path)))
}

/** Runs a command that is killed after a part of the time that it takes; whether it was hit. */
async function kill(at: Work, after: number, ...args: string[]): Promise<boolean> {
  const onStart = (pid: number): void => {
    setTimeout(() => {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It was quicker.
      }
    }, after).unref()
  }
  return (await at.artWith({ onStart }, ...args)).code === 'SIGKILL'
}

/** Kills a command at several points, each time from where `again` leaves it, and then lets it complete. */
async function killAndComplete(at: Work, again: () => void, afterwards: () => void, ...args: string[]): Promise<void> {
  const begun = performance.now()
  await at.ok(...args)
  const whole = performance.now() - begun
  let hits = 0
  for (const part of [0.25, 0.45, 0.6, 0.75]) {
    again()
    if (await kill(at, whole * (part + Math.random() * 0.1), ...args)) hits++
    afterwards()
  }
  expect(hits).toBeGreaterThan(0)
  await at.ok(...args)
}

const forget = (at: Work, path: string): void => rmSync(at.path(path), { recursive: true, force: true })

/** Also what is remembered of it: a remote that only vanished is not made anew. */
function emptyStore(): void {
  rmSync(place.path('store'), { recursive: true, force: true })
  forget(work, '.art/cache/tables')
}

describe('a command that is killed and run again completes', () => {
  test('add', async () => {
    const startOver = (): void => {
      for (const path of ['large.bin.art', 'data.art', '.gitignore', '.art/cache', '.art/index']) forget(work, path)
    }
    const check = (): void => {
      expect(data(work)).toEqual(original)
      for (const path of ['large.bin.art', 'data.art']) {
        if (existsSync(work.path(path)))
          expect(readFileSync(work.path(path), 'utf8')).toMatch(/^art: 1\n[^]*size: \d+\n(files: \d+\n)?$/)
      }
    }
    await killAndComplete(work, startOver, check, 'add', 'large.bin', 'data')
    await work.commit('added')
    for (const path of ['large.bin', 'data']) forget(work, path)
    await work.ok('checkout')
    expect(data(work)).toEqual(original)
  })

  test('push', async () => {
    await killAndComplete(work, emptyStore, () => undefined, 'push')
    expect(await work.json('status', '-c')).toMatchObject({ clean: true })
    const clone = await place.clone(work.folder, 'after-push')
    await clone.ok('pull')
    expect(data(clone)).toEqual(original)
  })

  test('push onto what a killed one left', async () => {
    emptyStore()
    for (const after of [250, 300, 350]) await kill(work, after, 'push')
    await work.ok('push')
    const clone = await place.clone(work.folder, 'after-pushes')
    await clone.ok('pull')
    expect(data(clone)).toEqual(original)
  })

  test('pull', async () => {
    const clone = await place.clone(work.folder, 'pulled')
    const startOver = (): void => {
      for (const path of ['large.bin', 'data', '.art/cache', '.art/index']) forget(clone, path)
    }
    await killAndComplete(clone, startOver, () => onlyWholeFiles(clone), 'pull')
    expect(data(clone)).toEqual(original)
    expect(await clone.json('status')).toMatchObject({ clean: true })
  })

  test('checkout', async () => {
    const clone = await place.clone(work.folder, 'checked-out')
    await clone.ok('fetch')
    const startOver = (): void => {
      for (const path of ['large.bin', 'data/large-3', 'data/small/2', '.art/index']) forget(clone, path)
    }
    await killAndComplete(clone, startOver, () => onlyWholeFiles(clone), 'checkout')
    expect(data(clone)).toEqual(original)
    expect(await clone.git('status', '--porcelain')).toBe('')
  })

  test('and leaves nothing behind for good', async () => {
    const clone = await place.clone(work.folder, 'tidy')
    await clone.ok('fetch')
    const left = (): string[] =>
      readdirSync(clone.path('.art/tmp')).filter((name) => !['.gitignore', 'probe'].includes(name))
    for (let after = 60; left().length === 0 && after < 2_000; after += 20) {
      for (const path of ['large.bin', 'data']) forget(clone, path)
      await kill(clone, after, 'checkout')
    }
    expect(left()).not.toEqual([])
    await clone.ok('checkout')
    expect(left()).toEqual([])
  })
})

/** Every file that is there is complete, and nothing else is there. */
function onlyWholeFiles(at: Work): void {
  for (const [path, content] of Object.entries(data(at))) expect(original[path], path).toBe(content)
}
