import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { freshName } from './fresh.ts'
import { Place, Work } from './harness.ts'

/** For files that say `eachUser`: where all of a file's tests are, and the folder of a user who has no repository. */
export let place: Place
export let here: Work

/** Every test of the file gets an empty folder. */
export function eachUser(): void {
  beforeAll(() => {
    place = new Place()
    // Of its own: other commands of this machine come and go in that of all.
    mkdirSync(place.path('tmp'))
    place.env['TMPDIR'] = place.path('tmp')
  })
  beforeEach(() => {
    const folder = place.path(freshName('here'))
    mkdirSync(folder)
    here = new Work(place, folder)
  })
  afterAll(() => place.dispose())
}
