import { AmxError, sessionRequestSchema, type WhoAmI } from '@amx/api'
import { Router } from 'express'
import { validForMs } from '../auth/bearer-token.ts'
import type { Caller, CallerAuthority } from '../auth/caller.ts'
import { sessionSecret, setSessionCookie } from '../auth/session-cookie.ts'
import type { Sessions } from '../auth/sessions.ts'
import { requestSignal } from '../http/request-signal.ts'
import { validator } from '../http/validate.ts'

export interface SessionRouteOptions {
  readonly authority: CallerAuthority
  readonly sessions: Sessions
  readonly stopping: AbortSignal
}

const checkSession = validator(sessionRequestSchema)

/** The longest a browser stays signed in; a token that ends before ends its session, too. */
const sessionMs = 8 * 3_600_000

/** Who asks, and the sign-in of browsers with a one-time code. */
export function sessionRoutes({ authority, sessions, stopping }: SessionRouteOptions): Router {
  const router = Router()
  router.get('/whoami', async (request, response) => {
    response.json(whoAmI(await authority.authenticate(request)))
  })
  router.post('/session/codes', async (request, response) => {
    const caller = await authority.authenticate(request)
    if (caller.sessionUntil !== null) {
      throw new AmxError('AMX-1014', { problem: 'a browser is signed in by a program with a credential of its own' })
    }
    const { token, self, impersonation } = caller
    const lifetimeMs = token === null ? sessionMs : validForMs(token, sessionMs)
    const signal = requestSignal(response, stopping)
    const code = await sessions.createCode({ token, user: self, impersonation }, lifetimeMs, signal)
    response.set('cache-control', 'no-store').status(201).json(code)
  })
  router.post('/session', async (request, response) => {
    const { code } = checkSession(request.body)
    const { secret, lifetimeMs } = await sessions.begin(code, requestSignal(response, stopping))
    setSessionCookie(request, response, secret, lifetimeMs)
    response.set('cache-control', 'no-store').status(204).end()
  })
  router.delete('/session', async (request, response) => {
    const secret = sessionSecret(request)
    if (secret !== null) await sessions.end(secret, requestSignal(response, stopping))
    setSessionCookie(request, response, '', 0)
    response.status(204).end()
  })
  return router
}

function whoAmI({ user, self, impersonation, sessionUntil }: Caller): WhoAmI {
  return {
    username: user.username,
    groups: [...user.groups],
    impersonatedBy: impersonation === null ? null : self.username,
    sessionUntil: sessionUntil?.toISOString() ?? null,
  }
}
