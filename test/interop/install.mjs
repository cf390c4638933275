// Brings other people's tools that the interop suites run against, from PyPI into .tools/. What cannot be had is printed: its suite skips.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const tools = fileURLToPath(new URL('../../.tools/', import.meta.url))

for (const [name, requirement] of [['pre-commit', 'pre-commit==4.7.0']]) {
  const home = `${tools}${name}`
  if (existsSync(`${home}/bin/${name}`)) continue
  console.log(`installing ${requirement} from PyPI …`)
  for (const [program, ...args] of [
    ['python3', '-m', 'venv', home],
    [`${home}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', requirement],
  ]) {
    const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    if (status === 0) continue
    console.log(`skipped ${name}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`)
    break
  }
}
