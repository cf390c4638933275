import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ArtError, type CallOptions, isArtError } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { isPrerelease, type Version } from '@art/registry/version/version.ts'
import { filesThere, type CommittedFile } from '../git/commit-files.ts'
import { branchOrNone, hasTag, tagExists } from '../git/publish.ts'
import { type PushTarget, type RemoteRefs, tagThere } from '../git/push.ts'
import { assertWritable } from '../git/settle-files.ts'
import type { Repo } from '../open.ts'
import type { ReleaseOptions } from '../registry-api.ts'
import { shellWord } from '../shell-word.ts'
import { type Artifact, readArtifact } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import type { Session } from '../workspace/session.ts'
import { type Candidate, candidateTag, recordsWith, type Tagger, taggerNow } from './candidate.ts'
import { contentGates } from './content-gates.ts'
import { gitGates, pushGates, type Reasons } from './git-gates.ts'
import { madeTwiceGate } from './made-twice.ts'
import { missedTagsGate, unsentTags, versionsOnlyThere } from './missed-tags.ts'
import type { NamedModel } from './named-model.ts'
import { type Registry, registryWith, textAt } from './open.ts'
import { followed, planVersion } from './plan-version.ts'
import { proposeFor } from './propose.ts'
import { regenerate } from './regenerate.ts'
import { refusal, type ReleasePlan } from './release-result.ts'
import { toldGate } from './told-gate.ts'

/** What a user asks for. */
export interface Wanted {
  version: Version | undefined
  bump: ReleaseOptions['bump']
}

/**
 * Asks everything that could be against a release, and plans it: its version, and the files that the commit will have. Makes nothing. Fails with
 * `RELEASE_REFUSED`, telling all there is at once, and with `TAG_EXISTS`. `at`: by whom and when, instead of the user and now.
 */
export async function planRelease(
  session: Session,
  registry: Registry,
  model: NamedModel,
  wanted: Wanted,
  options: ReleaseOptions,
  at?: Tagger,
): Promise<{ plan: ReleasePlan; target: PushTarget | undefined }> {
  const { repo } = session
  const { signal, remote, push = false } = options
  const commits = options.commit !== false
  const reasons: Reasons = []
  const head = await gitGates(repo, model, commits, reasons)
  await missedTagsGate(repo, registry, model.name, head, reasons)
  const there =
    push === false
      ? undefined
      : await pushGates(repo, { named: push === true ? undefined : push, commits }, reasons, { signal })
  const artifact = await pointed(repo, model, head, reasons)
  const { pointer } = artifact
  const { answered, isModified } = await contentGates(session, artifact, reasons, options)
  const tagger = at ?? (await taggerNow(repo))
  const { name, path } = model
  const candidate = { model: name, commit: head, path, pointer, tagger, text: options.message }
  const { before: all, after } = await recordsWith(repo, registry, candidate)
  const from = followed(registry, name, wanted.version)
  const before = all.find(({ version }) => version === from)
  const isFirst = from === undefined && wanted.version === undefined
  const told = isFirst ? await toldGate(repo, model, head, reasons) : undefined
  const chosen = await planVersion(registry, name, { from, before, told }, wanted, (earlier) =>
    proposeFor(session, { before: earlier, after: after ?? earlier, artifact }, { signal, remote, local: !answered }),
  )
  const exists = (await hasTag(repo, chosen.tag)) ? tagExists(chosen.tag) : takenThere(chosen.tag, there)
  if (exists !== undefined && reasons.length === 0) throw exists
  if (exists !== undefined) reasons.push({ path: chosen.tag, message: exists.message, hint: exists.hint! })
  if (!commits) sameCommitGate(registry, name, head, reasons)
  // What is about to replace the content is told above; that the old one was released is no news then.
  const isReplaced =
    isModified || (await readFile(artifact.absolutePointer, 'utf8').catch(() => '')) !== artifact.pointerText
  if (options.allowEqual !== true && !(isReplaced && reasons.length > 0))
    equalGate(pointer, before, { ...chosen, path: typedPath(repo, path) }, reasons)
  if (there !== undefined) {
    remoteVersionsGate(registry, name, wanted, there, reasons)
    await madeTwiceGate(repo, registry, name, { remote: there.target.remote, refs: there.refs }, reasons)
  }
  const named = { ...candidate, version: chosen.version, name: chosen.tag }
  const files = commits ? await filesFor(repo, registry, named, reasons, options) : []
  if (reasons.length > 0) throw refusal(name, reasons)
  const unsent = there && unsentTags(registry, { remote: there.target.remote, refs: there.refs })
  const notes = [...chosen.notes, ...(unsent === undefined ? [] : [unsent])]
  const branch = await branchOrNone(repo)
  const paths = files.map((file) => file.path)
  const inHead = await filesThere(repo, head, paths)
  const plan: ReleasePlan = {
    ...chosen,
    notes,
    model,
    pointer,
    tagger,
    before,
    after,
    files,
    there: inHead,
    head,
    branch,
  }
  return { plan, target: there?.target }
}

/** As HEAD has it: that is what a release is of. Without any pointer nothing more can be asked. */
async function pointed(repo: Repo, model: NamedModel, head: string, reasons: Reasons): Promise<Artifact> {
  const { path } = model
  const pointerPath = pointerPathFor(path)
  const pointerText = await textAt(repo, head, pointerPath)
  if (pointerText !== undefined) {
    const pointer = await parsePointer(pointerText, { path: pointerPath })
    const [absolutePath, absolutePointer] = [join(repo.root, path), join(repo.root, pointerPath)]
    return { path, pointerPath, absolutePath, absolutePointer, pointer, pointerText }
  }
  try {
    return await readArtifact(repo, pointerPath)
  } catch (error) {
    if (!isArtError(error, 'NOT_FOUND')) throw error
    const own = reasons.filter((reason) => reason.path !== typedPath(repo, pointerPath))
    const typed = typedPath(repo, path)
    const hint = `Run \`art add ${shellWord(typed)}\`, or correct the path in models.yaml.`
    throw refusal(model.name, [...own, { path: typed, message: 'art does not track it', hint }])
  }
}

function equalGate(
  { oid, kind }: Pointer,
  before: ReleaseRecord | undefined,
  { version, path }: { version: Version; path: string },
  reasons: Reasons,
): void {
  if (before === undefined || before.oid !== oid || before.kind !== kind) return
  // What a pre-release has prepared has its content.
  if (isPrerelease(before.version) && !isPrerelease(version)) return
  const hint = 'Add another content first; --allow-equal releases the same one again.'
  reasons.push({ path, message: `${before.version} has the same content already`, hint })
}

/** Of two versions of a model on one commit nobody can tell which one a stage's tag there is about; GTO then reads none of the repository's tags. */
function sameCommitGate({ ledger }: Registry, model: string, head: string, reasons: Reasons): void {
  const events = ledger.get(model)?.events ?? []
  const there = events.find(({ word, tag }) => word.kind === 'version' && !word.undone && tag.commit === head)
  if (there === undefined) return
  const message = `the commit has a version of ${model} already, and GTO takes one for each: ${there.tag.name}`
  reasons.push({
    path: there.tag.name,
    message,
    hint: 'Leave out --no-commit, which makes a commit, or commit something first.',
  })
}

/** Who does not know the last release cannot tell what the next one is. */
function remoteVersionsGate(
  registry: Registry,
  model: string,
  wanted: Wanted,
  { target, refs }: { target: PushTarget; refs: RemoteRefs },
  reasons: Reasons,
): void {
  const only = versionsOnlyThere(registry, model, refs.tags.keys())
  if (wanted.version !== undefined) only.delete(wanted.version)
  if (only.size === 0) return
  const message = `${target.remote} has versions that are not here: ${[...only.values()].join(', ')}`
  reasons.push({ path: [...only.values()][0]!, message, hint: `Run \`git fetch --tags ${target.remote}\`.` })
}

async function filesFor(
  repo: Repo,
  registry: Registry,
  candidate: Candidate,
  reasons: Reasons,
  options: CallOptions,
): Promise<CommittedFile[]> {
  try {
    const files = await regenerate(repo, registryWith(registry, [candidateTag(candidate)]), {
      ...options,
      base: candidate.commit,
    })
    assertWritable(repo, files)
    return files
  } catch (error) {
    if (!isArtError(error) || error.code === 'GIT') throw error
    const { message, hint } = error
    const path = typedPath(repo, error.path ?? candidate.path)
    reasons.push({ path, message: `${path} cannot be written: ${message}`, ...(hint !== undefined && { hint }) })
    return []
  }
}

function takenThere(tag: string, there: Awaited<ReturnType<typeof pushGates>>): ArtError | undefined {
  return there?.refs.tags.has(tag) ? tagThere(there.target.remote, tag) : undefined
}
