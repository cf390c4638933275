import { wordsOf } from '../words.ts'
import type { Fact, Scalar } from './fact.ts'

/** Words that name a secret wherever they stand in a key. */
const SECRET = new Set(
  'secret secrets password passwords passwd passphrase passcode pwd credential credentials apikey accesskey secretkey authorization bearer cookie cookies'.split(
    ' ',
  ),
)

/** Words that do where they stand last (`api_key`, `hf_token`), or where there is text behind them; `num_key_value_heads` is a number. */
const MAYBE = new Set(['key', 'keys', 'token', 'tokens', 'auth', 'private', 'signature'])

// Texts come from strangers and may be long: no pattern tries a start again within what it went through before.

/** What services give out as keys: Hugging Face, GitHub, GitLab, AWS, OpenAI and others, Slack, Google; JSON Web Tokens; and keys in PEM. */
const KEY_SHAPES =
  /\b(?:hf_[A-Za-z0-9]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|A[KS]IA[A-Z0-9]{16}|sk-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,})|(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|-----BEGIN [A-Z ]*PRIVATE KEY/

/** A user, with or without password, before the host; a parameter that grants access; the password in a connection string. */
const CREDENTIALS =
  /(?<=[a-z0-9+.-]):\/\/[^\s/?#@]+@|[?&](?:[\w-]*(?:token|key|signature|secret|password)|sig)=|\b(?:password|passwd|pwd)\s*=\s*\S/i

/** May that not be written into a file that git keeps? Decided by the words of the key and by what the text looks like. */
export function isSecret(key: string, fact: Fact): boolean {
  const scalars: readonly Scalar[] = Array.isArray(fact) ? (fact as readonly Scalar[]) : [fact as Scalar]
  const texts = scalars.filter((scalar) => typeof scalar === 'string')
  const words = wordsOf(key)
  if (words.some((word) => SECRET.has(word))) return true
  const last = words.at(-1)
  if (last === 'key' || last === 'token') return true
  if (texts.length > 0 && words.some((word) => MAYBE.has(word))) return true
  return [key, ...texts].some((text) => CREDENTIALS.test(text) || KEY_SHAPES.test(text))
}

/** The name of a key that is left out: it may be a secret itself. */
export function nameToTell(key: string): string {
  return CREDENTIALS.test(key) || KEY_SHAPES.test(key) ? '…' : key
}
