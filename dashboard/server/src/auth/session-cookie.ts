import type { TLSSocket } from 'node:tls'
import { AmxError, writeHeader } from '@amx/api'
import type { Request, Response } from 'express'

const cookieName = 'amx_session'
const reading = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The session's secret that a browser sends, or null. Throws AMX-1067 for a write that another site could have begun. */
export function sessionSecret(request: Request): string | null {
  const secret = cookieOf(request.headers.cookie)
  if (secret === null) return null
  // The cookie itself is SameSite=Strict; this holds also where two ports of one machine count as one site.
  if (!reading.has(request.method) && request.headers[writeHeader.toLowerCase()] === undefined) {
    throw new AmxError('AMX-1067', { header: writeHeader })
  }
  return secret
}

/** Gives the browser a session, or takes it away with a lifetime of 0. */
export function setSessionCookie(request: Request, response: Response, secret: string, lifetimeMs: number): void {
  response.cookie(cookieName, secret, {
    httpOnly: true,
    sameSite: 'strict',
    secure: isTls(request),
    path: '/',
    maxAge: lifetimeMs,
  })
}

function isTls(request: Request): boolean {
  // A proxy in front that ends TLS says so; a browser that lies about itself harms itself alone.
  return (request.socket as Partial<TLSSocket>).encrypted === true || request.headers['x-forwarded-proto'] === 'https'
}

function cookieOf(header: string | undefined): string | null {
  const found = (header ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .find(([name]) => name === cookieName)
  return found?.[1] === undefined || found[1] === '' ? null : found[1]
}
