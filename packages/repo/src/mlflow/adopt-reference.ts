import { mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ArtError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { MAX_POINTER_BYTES, parsePointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import type { AdoptedFacts } from '@art/registry/mlflow/adoption.ts'
import { downloadArtifact } from '@art/registry/mlflow/artifact.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import { ensureIgnored } from '../ignore/gitignore.ts'
import { giveFacts } from '../model/give-facts.ts'
import type { Repo } from '../open.ts'
import { pointerTextAt } from '../target/find.ts'
import { assertInside } from '../target/path.ts'
import { withLock } from '../workspace/lock.ts'
import { joined, type RemoteFile } from './download.ts'

/** A version that art pushed by reference, from another repository: its pointer is all that MLflow has. The tag names the oid that it must have. */
export async function adoptReference(
  {
    client,
    repo,
    path,
    facts,
    oid: told,
  }: {
    client: Client
    repo: Repo
    path: string
    facts: AdoptedFacts
    /** As its tag has it. */
    oid: string | undefined
  },
  { root, single }: { root: string; single: RemoteFile | undefined },
): Promise<{ oid: string; size: number; state: 'reference' }> {
  if (single === undefined) throw strange(root, 'there is no pointer among its files')
  const text = await readText(client, joined(root, single.path), single.size)
  const pointer = await parsePointer(text, { path: single.path })
  const { oid, size } = pointer
  if (told !== `sha256:${oid}`) throw strange(single.path, 'its pointer and its tag name two oids')
  const pointerPath = pointerPathFor(path)
  assertInside(repo, path)
  await withLock(repo, async () => {
    const renamed = { ...pointer, path: basename(path) }
    giveFacts(renamed, undefined, facts)
    const wanted = await serializePointer(renamed)
    const there = pointerTextAt(repo, pointerPath)
    // The same text is another pull's, at the same time.
    if (there !== undefined && there !== wanted) {
      throw new ArtError('WOULD_OVERWRITE', 'another pointer is where this one would go', {
        path: pointerPath,
        hint: 'Move it away with `art mv`, or choose another folder with --dir.',
      })
    }
    mkdirSync(dirname(join(repo.root, path)), { recursive: true })
    if (there === undefined) atomicWriteSync(join(repo.root, pointerPath), wanted, { staging: repo.tmpDir })
    ensureIgnored(repo, path)
  })
  return { oid, size, state: 'reference' }
}

async function readText(client: Client, path: string, size: number | undefined): Promise<string> {
  if ((size ?? 0) > MAX_POINTER_BYTES) throw strange(path, 'its pointer is too large')
  const pieces: Uint8Array[] = []
  let received = 0
  for await (const piece of (await downloadArtifact(client, path, size)) ?? []) {
    received += piece.length
    if (received > MAX_POINTER_BYTES) throw strange(path, 'its pointer is too large')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function strange(path: string, why: string): ArtError {
  return new ArtError('REMOTE_REFUSED', `this is not what art pushes by reference: ${why}`, { path })
}
