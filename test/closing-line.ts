import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with `N passed, N failed, N skipped` alone on a line, after naming every skipped test. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      // A file that does not even load has no tests to fail.
      if (!module.ok() && !tests.some((test) => test.result().state === 'failed')) count.failed++
      for (const test of tests) {
        const result = test.result()
        if (result.state === 'pending') continue
        count[result.state]++
        if (result.state === 'skipped')
          console.log(`skipped: ${test.fullName}${result.note ? ` (${result.note})` : ''}`)
      }
    }
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
  }
}
