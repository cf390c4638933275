import { ArtError } from '@art/core'
import { type Json, textOf } from './json.ts'
import type { Again } from './patience.ts'
import { MLFLOW_VARIABLES, type MlflowServer, shownAddress } from './server.ts'
import type { HttpAnswer } from './transport.ts'

const WAITING = new Set([408, 425, 429, 500, 502, 503, 504])

/** Of Node's errors, those about a server's certificate. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ALTNAME|SSL|TLS/

/** An answer that is none of MLflow's: no JSON where there must be some. */
export function noMlflow(server: MlflowServer, status: number): ArtError {
  return new ArtError('REMOTE_UNAVAILABLE', `what answers here is no MLflow server (a page with status ${status})`, {
    path: shownAddress(server),
    hint: 'Check the address: port, path prefix, and whether a login page stands in front of it.',
  })
}

/** What an answer with an error means, in MLflow's words where it has some. */
export function failureOf(server: MlflowServer, answer: HttpAnswer, body: Json, what: string): ArtError {
  const { status } = answer
  const path = shownAddress(server)
  const said = saidBy(server, body)
  const told = said === '' ? '' : `: ${said}`
  if (status === 401) {
    return new ArtError('REMOTE_AUTH', `MLflow wants to know who asks${told}`, {
      path,
      hint: `Set ${MLFLOW_VARIABLES.username} and ${MLFLOW_VARIABLES.password}, or ${MLFLOW_VARIABLES.token}; those that are set may be wrong.`,
    })
  }
  if (status === 403) {
    const isHost = /host header/i.test(said)
    return new ArtError('REMOTE_AUTH', `MLflow refuses to ${what}${told}`, {
      path,
      hint: isHost
        ? `Start the server with \`--allowed-hosts ${server.base.host}\`, or use an address that it knows.`
        : 'Ask for the permission, or use other credentials.',
    })
  }
  if (status >= 300 && status < 400) {
    return new ArtError('REMOTE_REFUSED', `MLflow sends us elsewhere to ${what}, to ${originOf(answer)}`, {
      path,
      hint: `Nothing was sent there. If that is the server, set ${MLFLOW_VARIABLES.uri} to its address.`,
    })
  }
  if (WAITING.has(status) || isConflict(body)) {
    const cause: Again = retryAfter(answer)
    return new ArtError('REMOTE_UNAVAILABLE', `MLflow could not ${what} just now (status ${status})${told}`, {
      path,
      hint: 'Run the command again later: what is done stays done.',
      retryable: true,
      cause,
    })
  }
  return new ArtError('REMOTE_REFUSED', `MLflow refuses to ${what}${said === '' ? ` (status ${status})` : told}`, {
    path,
  })
}

/** What went wrong before there was an answer, or while one came. */
export function unreached(server: MlflowServer, error: unknown): ArtError {
  const path = shownAddress(server)
  const inner = innermost(error)
  if (inner instanceof ArtError) return inner
  const { code = '' } = inner
  const message = inner.message || code || 'the connection broke off'
  if (CERTIFICATE.test(code)) {
    return new ArtError('REMOTE_UNAVAILABLE', `the certificate of the MLflow server is not trusted: ${message}`, {
      path,
      hint: `Set ${MLFLOW_VARIABLES.certificate} to the PEM file of its authority.`,
    })
  }
  const cause: Again = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)
    ? { unreached: true }
    : {}
  return new ArtError('REMOTE_UNAVAILABLE', `the MLflow server cannot be reached: ${message}`, {
    path,
    hint: 'Check that it runs and that this is its address, then run the command again: what is done stays done.',
    retryable: true,
    cause,
  })
}

export function tooSlow(server: MlflowServer, milliseconds: number): ArtError {
  return new ArtError('TIMEOUT', `no answer from the MLflow server for ${Math.round(milliseconds / 100) / 10} s`, {
    path: shownAddress(server),
    hint: `Run the command again: what is done stays done. ${MLFLOW_VARIABLES.timeout} sets the seconds to wait.`,
    retryable: true,
  })
}

/** Two wrote the same row at once: MLflow passes its database's words on as a bad request (`mlflow/store/db/utils.py`). Who comes again finds the row. */
function isConflict(body: Json): boolean {
  return (
    textOf(body, 'error_code') === 'BAD_REQUEST' &&
    /IntegrityError|UniqueViolation|duplicate (?:key|entry)/i.test(textOf(body, 'message') ?? '')
  )
}

/** Its first line, without what only we know. */
function saidBy({ authorization }: MlflowServer, body: Json): string {
  const text = (typeof body === 'string' ? body : (textOf(body, 'message') ?? textOf(body, 'error_code') ?? '')).trim()
  const line = text.startsWith('<') ? '' : text.split('\n', 1)[0]!.slice(0, 300)
  const secret = authorization?.split(' ', 2)[1]
  return secret === undefined ? line : line.replaceAll(secret, '***')
}

function originOf(answer: HttpAnswer): string {
  try {
    return new URL(answer.header('location') ?? '').origin
  } catch {
    return 'another place'
  }
}

function retryAfter(answer: HttpAnswer): Again {
  const value = answer.header('retry-after')
  if (value === undefined) return {}
  const seconds = /^\d{1,9}$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return seconds > 0 ? { after: seconds * 1000 } : {}
}

/** fetch says `fetch failed` of everything, and why in its causes. */
function innermost(error: unknown): NodeJS.ErrnoException {
  let at = error
  for (let depth = 0; depth < 5 && !(at instanceof ArtError); depth++) {
    const { cause, errors } = at as { cause?: unknown; errors?: unknown[] }
    const next = cause ?? errors?.[0]
    if (!(next instanceof Error)) break
    at = next
  }
  return at as NodeJS.ErrnoException
}
