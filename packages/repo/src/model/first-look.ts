import type { Source } from '@art/checkpoint'
import type { DoctorFinding } from '../view-api.ts'

const BYTES = 512

/** What often lies in the place of a model, told by its first bytes: then nothing else need be said of it. */
export async function firstLook(source: Source, signal: AbortSignal | undefined): Promise<DoctorFinding | undefined> {
  if (source.size === 0)
    return { code: 'empty', level: 'error', message: 'the file is empty', advice: 'Fetch or save it again.' }
  const start = Buffer.from(await source.read(0, Math.min(BYTES, source.size), { signal })).toString('latin1')
  if (start.startsWith('version https://git-lfs.github.com/spec/')) {
    const message = "this is a pointer of git-lfs, not the model: torch says `invalid load key, 'v'`"
    return { code: 'lfs-pointer', level: 'error', message, advice: 'Run `git lfs pull` where it was cloned.' }
  }
  if (/^art: \d+\n/.test(start)) {
    const message = 'this is a pointer of art, not the model'
    return { code: 'art-pointer', level: 'error', message, advice: 'Name it `<data>.art`, then run `art pull`.' }
  }
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(start)) {
    const message = "this is a web page, not the model: torch says `invalid load key, '<'`"
    return { code: 'web-page', level: 'error', message, advice: 'Download the file itself, not the page about it.' }
  }
  return undefined
}
