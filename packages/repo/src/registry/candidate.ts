import { isArtError } from '@art/core'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { formatTagMessage } from '@art/registry/tag/message.ts'
import type { Tag } from '@art/registry/tag/tag.ts'
import { checkpointOf } from '../model/read-block.ts'
import { identity, readIdentity } from '../git/line.ts'
import type { Repo } from '../open.ts'
import { type Registry, registryWith } from './open.ts'
import { records } from './records.ts'

/** A release as its tag will tell it, before there is one. */
export interface Candidate {
  model: string
  version: string
  /** Of the tag. */
  name: string
  /** HEAD, which holds the pointer. */
  commit: string
  path: string
  pointer: Pointer
  tagger: Tagger
  /** What a person says of it. */
  text?: string | undefined
}

/** Who makes a tag, and when: the files say the same as the tag. */
export interface Tagger {
  /** `Name <mail>` */
  author: string
  /** Since 1970. */
  seconds: number
  /** As git writes it: `+0100`. */
  zone: string
}

/** Where git does not know who that is, nobody: the gates say so. */
export async function taggerNow(repo: Repo): Promise<Tagger> {
  const told = await identity(repo, 'COMMITTER').catch((error: unknown) => {
    if (isArtError(error, 'GIT')) return ''
    throw error
  })
  return readIdentity(told) ?? { author: '', seconds: Math.floor(Date.now() / 1000), zone: '+0000' }
}

/** Message of the tag of a release. */
export function releaseMessage({ model, version, commit, path, pointer, text }: Candidate): string {
  const { oid, kind, size, checkpoint } = pointer
  const weights = checkpoint && checkpointOf(checkpoint).weights
  const facts = { path, oid, kind, size, gitCommit: commit, ...(weights === undefined ? {} : { weights }) }
  return formatTagMessage(`Release ${model} ${version}`, facts, text)
}

/** The tag of a release before there is one: `registryWith` has it in a ledger. */
export function candidateTag(candidate: Candidate): Tag {
  const { name, commit, tagger } = candidate
  const message = releaseMessage(candidate)
  return { name, commit, annotated: true, date: tagger.seconds * 1000, author: tagger.author, message }
}

/** Versions begin with a digit above these: it is nobody's. */
const NOBODYS = '0.0.0-0.candidate'

/** Every release of a model, and what the one that is about to be will say of itself. */
export async function recordsWith(
  repo: Repo,
  registry: Registry,
  candidate: Omit<Candidate, 'version' | 'name'>,
): Promise<{ before: ReleaseRecord[]; after: ReleaseRecord | undefined }> {
  const { model } = candidate
  const name = registry.formatOf(model).format(model, NOBODYS)
  const tag = candidateTag({ ...candidate, version: NOBODYS, name })
  const all = await records(repo, registryWith(registry, [tag]), { model })
  return {
    before: all.filter(({ version }) => version !== NOBODYS),
    after: all.find(({ version }) => version === NOBODYS),
  }
}
