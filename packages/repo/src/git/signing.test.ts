import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { init } from '../verb/init.ts'
import { publish } from './publish.ts'
import { eachPublication, made, RELEASE } from './temporary-publication.ts'

eachPublication()

/** Path of a new key for ssh. */
function keygen(name = 'key'): string {
  const key = join(made.base, name)
  made.gitIn(made.base, '-c', 'alias.keygen=!ssh-keygen', 'keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key)
  return key
}

test('with signed commits and tags', async () => {
  const key = keygen()
  const allowed = join(made.base, 'allowed')
  writeFileSync(allowed, `t@example.org ${made.gitIn(made.base, '-c', 'alias.cat=!cat', 'cat', `${key}.pub`)}\n`)
  const settings = { 'gpg.format': 'ssh', 'user.signingKey': key, 'gpg.ssh.allowedSignersFile': allowed }
  for (const [name, value] of Object.entries(settings)) made.git('config', name, value)
  for (const name of ['commit.gpgSign', 'tag.gpgSign']) made.git('config', name, 'true')
  const { commit } = await publish(await made.open(), RELEASE)
  expect(made.git('log', '-1', '--format=%G?', commit!)).toBe('G')
  made.git('verify-tag', 'net@v1.0.0')
  expect(made.git('tag', '-l', '--format=%(contents:subject)', 'net@v1.0.0')).toBe('net 1.0.0')
})

test('signed with the key of this very place, also where the temporary folder is a link', async () => {
  const [own, other] = [keygen('own'), keygen('other')]
  for (const [name, value] of Object.entries({
    'gpg.format': 'ssh',
    'tag.gpgSign': 'true',
    'user.signingKey': other,
  }))
    made.git('config', '--global', name, value)
  const here = join(made.base, 'here.inc')
  made.git('config', '--file', here, 'user.name', 'Worker')
  made.git('config', '--file', join(made.root, 'signing.inc'), 'user.signingKey', own)
  made.git('config', '--global', `includeIf.gitdir:${made.root}/.path`, here)
  made.git('config', 'include.path', '../signing.inc')
  const allowed = join(made.base, 'allowed')
  writeFileSync(allowed, `t@example.org ${readFileSync(`${own}.pub`, 'utf8')}`)
  made.git('config', 'gpg.ssh.allowedSignersFile', allowed)
  const link = join(made.base, 'link')
  symlinkSync(made.base, link)
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = link
  try {
    await publish(await made.open(), RELEASE)
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
  made.git('verify-tag', 'net@v1.0.0')
  expect(made.git('tag', '-l', '--format=%(taggername)', 'net@v1.0.0')).toBe('Worker')
})

test('with a signed tag where hashes are sha256', async () => {
  const key = keygen()
  for (const [name, value] of Object.entries({ 'gpg.format': 'ssh', 'user.signingKey': key, 'tag.gpgSign': 'true' }))
    made.git('config', '--global', name, value)
  const other = new TemporaryRepo('longer')
  Object.assign(other.environment, made.environment)
  try {
    other.git('init', '--quiet', '--object-format=sha256')
    await init({ cwd: other.root, git: true, environment: other.environment })
    other.commit('first')
    await publish(await other.open(), { ...RELEASE, files: [{ path: 'MODELS.md', text: 'new\n' }] })
    expect(other.git('cat-file', 'tag', 'net@v1.0.0')).toContain('BEGIN SSH SIGNATURE')
  } finally {
    other.remove()
  }
})

test.each(['commit', 'tag'])('nothing is made where the key to sign a %s with is gone', async (what) => {
  const key = keygen()
  for (const [name, value] of Object.entries({ 'gpg.format': 'ssh', 'user.signingKey': `${key}.pub` }))
    made.git('config', name, value)
  made.git('config', `${what}.gpgSign`, 'true')
  rmSync(key)
  const before = made.git('for-each-ref')
  await expect(publish(await made.open(), RELEASE)).rejects.toMatchObject({
    code: 'GIT',
    message: expect.stringMatching(new RegExp(`^git could not sign the ${what}: .*key`, 'i')) as string,
    hint: expect.stringContaining('Nothing was changed') as string,
  })
  expect(made.git('for-each-ref')).toBe(before)
})
