import { isBuiltin } from 'node:module'

/**
 * `import` of a Node module makes Node load all that the module offers, such as streams for `node:fs`: 3 ms. These files take the functions
 * they use from `process.getBuiltinModule`; modules that only some runs need are loaded by the first call.
 */
export const lightBuiltins = {
  name: 'light-builtins',
  setup(build) {
    const byFirstCall = new Set(['node:crypto', 'node:child_process', 'node:os', 'node:zlib'])
    build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      const name = path.startsWith('node:') ? path : `node:${path}`
      return kind === 'import-statement' && isBuiltin(name) ? { path: name, namespace: 'builtin' } : undefined
    })
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => {
      const names = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(path)))
        .filter(([name, { value }]) => value !== undefined && name !== 'default')
        .map(([name, { value }]) => [name, typeof value === 'function' && byFirstCall.has(path)])
      const lines = names.map(([name, wrapped]) =>
        wrapped
          ? `export const ${name} = (...all) => load().${name}(...all)`
          : `export const ${name} = /* @__PURE__ */ ((key) => load()[key])('${name}')`,
      )
      return {
        contents: [
          `const load = () => process.getBuiltinModule('${path}')`,
          ...lines,
          'export default /* @__PURE__ */ load()',
        ].join('\n'),
      }
    })
  },
}
