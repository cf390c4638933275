import { afterEach, beforeEach } from 'vitest'
import { TemporaryWorkspace } from './temporary-workspace.ts'

/** For tests: a workspace that is another one in each test of the file. */
export function eachWorkspace(): TemporaryWorkspace {
  const work = new TemporaryWorkspace()
  work.remove()
  beforeEach(() => work.begin())
  afterEach(() => work.remove())
  return work
}
