import { createHash } from 'node:crypto'
import { AmxError } from '@amx/api'
import type { Request } from 'express'

/** The bearer token of a request, or null when it carries none. */
export function bearerToken(request: Request): string | null {
  const header = request.headers.authorization
  if (header === undefined) return null
  const match = /^bearer\s+(\S+)$/i.exec(header)
  if (match?.[1] !== undefined) return match[1]
  throw new AmxError('AMX-1010', { problem: 'the Authorization header is not of the form "Bearer <token>"' })
}

/** A key for caches, so that no token is kept in memory for longer than its request. */
export function tokenKey(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** Milliseconds for which a verdict about the token holds: until it expires by its own word, at most `mostMs`. Not a check of the token. */
export function validForMs(token: string, mostMs: number): number {
  const expiresInMs = (tokenExpiry(token) ?? Number.POSITIVE_INFINITY) - Date.now()
  return Math.max(0, Math.min(mostMs, expiresInMs))
}

/** Milliseconds since the epoch; null when the token does not say. */
function tokenExpiry(token: string): number | null {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    if (typeof payload !== 'object' || payload === null || !('exp' in payload)) return null
    return typeof payload.exp === 'number' ? payload.exp * 1000 : null
  } catch {
    return null
  }
}
