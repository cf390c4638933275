import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ART, Workplace } from '../built.ts'
import { SCRIPTS } from './scripts.ts'

let place: Workplace
beforeAll(() => {
  place = new Workplace()
  place.git('init', '-q')
  place.art('init')
  for (const name of ['model one.pth', "it's", 'plain']) writeFileSync(join(place.folder, name), name)
  place.art('add', 'model one.pth', "it's", 'plain')
  place.art('remote', 'add', '-d', 'origin', '/nowhere')
  place.git('add', '-A')
  place.git('commit', '-qm', 'one')
  place.git('branch', 'feature')
  for (const tag of ['plain@v0.1.0', 'plain@v1.0.0', 'plain#prod#1']) place.git('tag', '-am', 'x', tag)
})
afterAll(() => place.remove())

/** Completes the last word in a real bash and returns what it offers. */
function inBash(...words: string[]): string[] {
  const script = `
art() { "${process.execPath}" "${ART}" "$@"; }
eval "$(art completion bash)"
complete -p art >/dev/null || exit 9
COMP_WORDS=(art "$@")
COMP_CWORD=$#
_art
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { code, stdout, stderr } = place.run('bash', ['-c', script, 'bash', ...words])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('bash', () => {
  it('offers commands, sub-commands and flags', () => {
    expect(inBash('pu')).toEqual(['push', 'pull'])
    expect(inBash('remote', '')).toEqual(['add', 'list', 'modify', 'remove', 'default', 'check'])
    expect(inBash('status', '--cl')).toEqual(['--cloud'])
    expect(inBash('init', '--no-')).toEqual(['--no-progress', '--no-git'])
    expect(inBash('--js')).toEqual(['--json'])
    expect(inBash('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(inBash('status', '--color', '')).toEqual(['auto', 'always', 'never'])
  })

  it('offers what there is: artifacts quoted for the shell, remotes, settings, branches', () => {
    expect(inBash('rm', '').sort()).toEqual(["it\\'s", 'model\\ one.pth', 'plain'])
    expect(inBash('push', '-q', 'model')).toEqual(['model\\ one.pth'])
    expect(inBash('push', '-r', '')).toEqual(['origin'])
    expect(inBash('remote', 'check', 'o')).toEqual(['origin'])
    expect(inBash('config', 'core.auto')).toEqual(['core.autostage'])
    expect(inBash('config', 'remote.origin.u')).toEqual(['remote.origin.url'])
    expect(inBash('push', '--rev', 'fea')).toEqual(['feature'])
    expect(inBash('diff', 'fea')).toEqual(['feature'])
  })

  it('offers releases, whose names bash takes for three words', () => {
    const all = ['plain', 'plain@v0.1.0', 'plain@v1.0.0', 'plain@latest', 'plain@greatest', 'plain#prod']
    expect(inBash('checkout', 'pl')).toEqual(all)
    expect(inBash('show', 'plain#')).toEqual(['plain#prod'])
    expect(inBash('pull', '-q', 'plain', '@', 'v')).toEqual(['v0.1.0', 'v1.0.0'])
    expect(inBash('pull', 'plain', '@')).toEqual(['v0.1.0', 'v1.0.0', 'latest', 'greatest'])
    expect(inBash('export', 'plain', '@', 'v1.0.0', '--t')).toEqual(['--to', '--tolerance', '--timeout'])
  })

  it('offers names of models, their versions and stages to the verbs on these', () => {
    expect(inBash('release', '')).toEqual(['plain'])
    expect(inBash('history', 'pl')).toEqual(['plain'])
    expect(inBash('stage', 'plain', '@', 'v0')).toEqual(['v0.1.0'])
    expect(inBash('stage', 'plain', '@', 'v0.1.0', '')).toEqual(['prod'])
    expect(inBash('which', 'plain#')).toEqual(['plain#prod'])
    expect(inBash('rollback', 'plain#')).toEqual(['plain#prod'])
  })

  it('is silent where there is nothing to say', () => {
    expect(inBash('nonsense', '')).toEqual([])
    expect(inBash('version', '')).toEqual([])
    expect(inBash('-C', '/', 'checkout', '')).toEqual([])
  })
})

const START = `"${process.execPath}" "${ART}"`
const IN_ZSH = `
art() { ${START} "$@" }
compdef() { }
eval "$(art completion zsh)"
compadd() { print -rl -- $values }
_files() { print -r -- files }
words=(art remote check o); CURRENT=4; _art
words=(art rm p); CURRENT=3; _art
words=(art add ''); CURRENT=3; _art`
const IN_FISH = `
function art; ${START} $argv; end
art completion fish | source
complete -C 'art remote check o'
complete -C 'art rm p'
complete -C 'art add pla'`

describe.each([
  ['zsh', IN_ZSH, ['origin', 'plain', 'files']],
  ['fish', IN_FISH, ['origin', 'plain', 'plain', 'plain.art']],
] as const)('%s', (shell, script, expected) => {
  it('has no syntax error and offers what there is', () => {
    const { error } = spawnSync(shell, ['--version'])
    if (error !== undefined) {
      console.log(`skipped: ${shell} is not installed here`)
      return
    }
    const file = join(place.folder, `completion.${shell}`)
    writeFileSync(file, SCRIPTS[shell])
    expect(place.run(shell, ['-n', file])).toEqual({ code: 0, stdout: '', stderr: '' })
    const { stdout, stderr } = place.run(shell, ['-c', script])
    const offered = stdout.split('\n').map((line) => line.split('\t')[0])
    expect({ offered: offered.filter((line) => line !== ''), stderr }).toEqual({ offered: expected, stderr: '' })
  })
})
