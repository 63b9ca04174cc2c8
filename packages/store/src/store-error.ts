import { AmxError } from '@amx/api'

/** Node's words for a connection that could not be made or broke. */
const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
])

/** What the driver says without a code. */
const connectionMessages =
  /connection terminated|connection error|timeout exceeded when trying to connect|query read timeout|client was closed|client has encountered a connection error|not queryable|pool after calling end|server does not support SSL/i

/**
 * SQLSTATE classes that say "not now" rather than "wrong": connection, shutdown, resources, cancelled by a time limit, a
 * password that is being rotated, and a schema that no server has made yet.
 */
const unavailableStates = /^(08|53|57|58|28|3D|3F000|42P01|25006)/

/** AMX-9002 for everything that means "the store does not answer"; every other error as it is. */
export function toStoreError(thrown: unknown): unknown {
  if (thrown instanceof AmxError || !(thrown instanceof Error)) return thrown
  const code = codeOf(thrown)
  const unavailable =
    (code !== null && (connectionCodes.has(code) || unavailableStates.test(code))) ||
    connectionMessages.test(thrown.message) ||
    (thrown instanceof AggregateError && thrown.errors.some((inner) => toStoreError(inner) instanceof AmxError))
  if (!unavailable) return thrown
  return new AmxError('AMX-9002', { detail: detailOf(thrown, code) }, { cause: thrown })
}

/** Deadlock and serialisation failure: the transaction did nothing and can be run again at once. */
export function isWorthRepeating(thrown: unknown): boolean {
  const code = codeOf(thrown)
  return code === '40001' || code === '40P01'
}

function codeOf(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null
  return typeof thrown.code === 'string' ? thrown.code : null
}

function detailOf(error: Error, code: string | null): string {
  if (code === '42P01' || code === '3F000') return `its schema is not there yet (${error.message})`
  if (error instanceof AggregateError) return error.errors.map((inner) => String(inner)).join('; ')
  return error.message === '' ? (code ?? error.name) : error.message
}
