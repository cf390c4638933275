import { afterAll, beforeAll, beforeEach } from 'vitest'
import { Place, type Work } from './harness.ts'

/** For files that say `eachRepository` or `oneRepository`: where all of a file's tests are, and the repository of the test that runs. */
export let place: Place
export let work: Work
/** The folder that is its remote; the first push makes it. */
export let store: string
let count = 0

/** Every test of the file gets a repository of its own, with a remote if wanted. */
export function eachRepository({ remote = false }: { remote?: boolean } = {}): void {
  beforeAll(() => {
    place = new Place()
  })
  beforeEach(async () => {
    const name = freshName('r')
    work = await place.repository(name)
    store = place.path(`${name}-store`)
    if (remote) await work.ok('remote', 'add', '-d', 'origin', store)
  })
  afterAll(() => place.dispose())
}

/** All tests of the file have one repository, where some go on with what others left. */
export function oneRepository(make = (): Promise<Work> => place.repository('work')): void {
  beforeAll(async () => {
    place = new Place()
    work = await make()
  })
  afterAll(() => place.dispose())
}

/** A name in `place` that no other test has. */
export function freshName(prefix: string): string {
  return `${prefix}${count++}`
}
