import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const packages = fileURLToPath(new URL('./packages/', import.meta.url))

/** As the build has them: the text of a Python file. */
const pythonText = {
  name: 'python-text',
  transform: (code: string, id: string) => (id.endsWith('.py') ? `export default ${JSON.stringify(code)}` : undefined),
}

export default defineConfig({
  plugins: [pythonText],
  resolve: {
    // The same map as `paths` in tsconfig.json.
    alias: [
      { find: /^@art\/([a-z]+)$/, replacement: `${packages}$1/src/index.ts` },
      { find: /^@art\/([a-z]+)\/(.+)$/, replacement: `${packages}$1/src/$2` },
    ],
  },
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/closing-line.ts'],
    env: { NO_COLOR: '1', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'test/house/**/*.test.ts',
            'test/server/**/*.test.ts',
            'test/simulate/**/*.test.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        extends: true,
        test: { name: 'interop', include: ['test/interop/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
      },
    ],
  },
})
