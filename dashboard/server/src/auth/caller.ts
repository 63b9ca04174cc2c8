import type { TLSSocket } from 'node:tls'
import { AmxError } from '@amx/api'
import type { Request } from 'express'
import type { AccessQuestion, ClusterApi, UserInfo } from '../kubernetes/cluster-api.ts'
import { bearerToken, tokenKey, validForMs } from './bearer-token.ts'
import { expiringCache } from './expiring-cache.ts'
import { type Impersonation, impersonationOf, questionsAbout, userActedAs } from './impersonation.ts'
import { sessionSecret } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'

/** A person, and how they signed in. */
export interface Caller {
  /** Whom they act as, where they do. */
  readonly user: UserInfo
  /** The token they came with; null when they came with a client certificate. */
  readonly token: string | null
  readonly impersonation: Impersonation | null
  /** Who they are themselves. */
  readonly self: UserInfo
  /** When the browser's session ends; null without one. */
  readonly sessionUntil: Date | null
}

export interface CallerAuthority {
  /** Throws AMX-1010 when nobody can be made out, and AMX-1065 when they may not act as whom they say. */
  authenticate(request: Request): Promise<Caller>
  /** Throws AMX-1012 when the cluster's RBAC does not allow it. */
  require(caller: Caller, question: AccessQuestion): Promise<void>
}

const authenticatedMs = 60_000
const refusedMs = 3_000
const allowedMs = 10_000

/**
 * Authenticates people as the cluster does, by token, client certificate or a browser's session that began with one of them, and
 * authorises each call by SubjectAccessReview. Without `sessions` no cookie is looked at.
 */
export function createCallerAuthority(cluster: ClusterApi, sessions?: Sessions): CallerAuthority {
  const users = expiringCache<UserInfo | null>(5_000)
  const answers = expiringCache<boolean>(20_000)

  function isAllowed(user: UserInfo, question: AccessQuestion): Promise<boolean> {
    return answers.get(JSON.stringify([user, question]), async () => ({
      value: await cluster.allowed(user, question),
      ttlMs: allowedMs,
    }))
  }

  async function userOfToken(token: string): Promise<UserInfo> {
    const user = await users.get(tokenKey(token), async () => {
      const value = await cluster.reviewToken(token, null)
      return { value, ttlMs: value === null ? refusedMs : validForMs(token, authenticatedMs) }
    })
    if (user === null) throw new AmxError('AMX-1010', { problem: 'the cluster does not accept the token' })
    return user
  }

  async function signIn(request: Request): Promise<Omit<Caller, 'user'>> {
    const token = bearerToken(request)
    const impersonation = impersonationOf(request)
    if (token !== null) return { self: await userOfToken(token), token, impersonation, sessionUntil: null }
    const secret = sessions === undefined ? null : sessionSecret(request)
    if (secret === null) return { self: certificateUser(request), token: null, impersonation, sessionUntil: null }
    const session = await sessions?.find(secret)
    if (!session) throw new AmxError('AMX-1010', { problem: 'the session is over' })
    const self = session.token === null ? session.user : await userOfToken(session.token)
    return { self, token: session.token, impersonation: session.impersonation, sessionUntil: session.expiresAt }
  }

  return {
    async authenticate(request) {
      const caller = await signIn(request)
      const { self, impersonation } = caller
      if (impersonation === null) return { ...caller, user: self }
      for (const question of questionsAbout(impersonation)) {
        if (await isAllowed(self, question)) continue
        const whom = `${question.resource.replace(/s$/, '')} "${question.name ?? ''}"`
        throw new AmxError('AMX-1065', { user: self.username, whom })
      }
      return { ...caller, user: userActedAs(impersonation) }
    },
    async require({ user }, question) {
      if (await isAllowed(user, question)) return
      const resource =
        question.subresource === undefined ? question.resource : `${question.resource}/${question.subresource}`
      const { verb, namespace } = question
      throw new AmxError('AMX-1012', { user: user.username, verb, resource, namespace })
    },
  }
}

/** The user of a verified client certificate: common name and organisations, as the API server reads it. */
function certificateUser(request: Request): UserInfo {
  const socket = request.socket as Partial<TLSSocket>
  if (socket.authorized !== true || socket.getPeerCertificate === undefined)
    throw new AmxError('AMX-1010', {
      problem: 'the request carries neither a token nor a client certificate of the cluster',
    })
  const subject = socket.getPeerCertificate().subject as { CN?: string; O?: string | string[] }
  if (subject.CN === undefined) throw new AmxError('AMX-1010', { problem: 'the client certificate has no common name' })
  const organisations = subject.O === undefined ? [] : [subject.O].flat()
  return { username: subject.CN, uid: '', groups: [...organisations, 'system:authenticated'], extra: {} }
}
