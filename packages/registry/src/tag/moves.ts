import type { Version } from '../version/version.ts'
import type { ModelLedger } from './ledger.ts'
import { parseTagMessage } from './message.ts'
import { replay } from './replay.ts'
import type { Tag } from './tag.ts'

/** One thing that happened to a model, with what it changed. */
export type Move =
  | { kind: 'released' | 'withdrawn'; version: Version; tag: Tag }
  | { kind: 'deprecated'; tag: Tag }
  | {
      /** `unstaged` may give the stage back to the version that held it before. */
      kind: 'staged' | 'unstaged' | 'rolled-back'
      stage: string
      /** Of the tag; undefined where no version is registered on its commit. */
      version: Version | undefined
      commit: string
      /** Who held the stage before and after; undefined where nobody did, or no version is registered there. */
      from: Version | undefined
      to: Version | undefined
      tag: Tag
    }

/** What happened to a model, the oldest first. The two tags of a rollback are one move. */
export function movesOf(ledger: ModelLedger, at = Number.POSITIVE_INFINITY): Move[] {
  const moves: Move[] = []
  replay(ledger, at, ({ word, tag }, apply, standing) => {
    if (word.kind !== 'stage') {
      apply()
      if (word.kind === 'version')
        moves.push({ kind: word.undone ? 'withdrawn' : 'released', version: word.version, tag })
      else if (word.kind === 'deprecated') moves.push({ kind: 'deprecated', tag })
      return
    }
    const { stage } = word
    const from = standing.holder(stage)
    apply()
    const to = standing.holder(stage)
    const version = standing.versionOf(tag)
    const move = { stage, version, commit: tag.commit, from: from?.version, to: to?.version, tag }
    const rolledBack = parseTagMessage(tag.message)?.rolledBack
    const before = moves.at(-1)
    if (!word.undone && rolledBack !== undefined && before?.kind === 'unstaged' && isHalf(before, stage, rolledBack)) {
      moves.pop()
      moves.push({ ...move, kind: 'rolled-back', from: before.from })
    } else moves.push({ ...move, kind: word.undone ? 'unstaged' : 'staged' })
  })
  return moves
}

function isHalf(
  move: Move & { kind: 'staged' | 'unstaged' | 'rolled-back' },
  stage: string,
  version: Version,
): boolean {
  return move.stage === stage && move.version === version && parseTagMessage(move.tag.message)?.rolledBack === version
}
