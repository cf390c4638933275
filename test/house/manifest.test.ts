import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

interface Manifest {
  version: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest
const manifest = read('package.json')
const workspace = parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')) as { catalog: Record<string, string> }
const packages = readdirSync(join(root, 'packages')).map((name) => read(`packages/${name}/package.json`))

it('npm alone, which knows no catalog, builds with the versions that pnpm builds with', () => {
  for (const [name, version] of Object.entries(workspace.catalog))
    expect(manifest.devDependencies?.[name], name).toBe(version)
})

it('whoever installs art from git gets the versions that it was tested with', () => {
  for (const [name, version] of Object.entries(manifest.devDependencies ?? {}))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
})

it('art installs without any dependency: the bundle holds them', () => {
  expect(manifest.dependencies).toBeUndefined()
})

it('packages take their libraries from the catalog, and carry the version of art', () => {
  for (const { version, dependencies } of packages) {
    expect(version).toBe(manifest.version)
    for (const [name, wanted] of Object.entries(dependencies ?? {}))
      expect(wanted, name).toMatch(/^(catalog:|workspace:\*)$/)
  }
})
