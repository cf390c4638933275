import { ArtError, isOid, type Kind, type Oid } from '@art/core'
import { decodeLines, encodeLines } from './lines.ts'

const HEADING = 'art-root 1 sha256'

/** "These commits of this repository need these oids": a push's only commit point. */
export interface Root {
  /** Full commit ids; none where there is no git. */
  commits: string[]
  needs: { kind: Kind; oid: Oid }[]
  /** Keys of older roots whose needs count as this one's. */
  includes: string[]
}

export function encodeRoot({ commits, needs, includes }: Root): Buffer {
  return encodeLines(HEADING, [
    ...commits.map((commit) => `commit ${commit}`),
    ...needs.map(({ kind, oid }) => `need ${kind} ${oid}`),
    ...includes.map((key) => `include ${key}`),
  ])
}

const COMMIT = /^commit ([0-9a-f]{40}|[0-9a-f]{64})$/
const NEED = /^need ([fd]) ([0-9a-f]{64})$/
const INCLUDE = /^include (roots\/[0-9a-f]+\/[0-9a-f]+\/[0-9a-f]{16})$/

/** Throws `REMOTE_DAMAGED`; a line that is not known makes the whole root unreadable, so that no gc acts on half of it. */
export function decodeRoot(bytes: Uint8Array, path: string): Root {
  const root: Root = { commits: [], needs: [], includes: [] }
  for (const line of decodeLines(bytes, HEADING, path)) {
    const commit = COMMIT.exec(line)?.[1]
    const include = INCLUDE.exec(line)?.[1]
    const need = NEED.exec(line)
    if (commit !== undefined) root.commits.push(commit)
    else if (include !== undefined) root.includes.push(include)
    else if (need !== null && isOid(need[2]!)) root.needs.push({ kind: need[1] as Kind, oid: need[2]! })
    else
      throw new ArtError('REMOTE_DAMAGED', `unknown line "${line.slice(0, 80)}" in a root`, {
        path,
        hint: 'Update art.',
      })
  }
  return root
}
