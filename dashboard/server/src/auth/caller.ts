import type { TLSSocket } from 'node:tls'
import { AmxError } from '@amx/api'
import type { Request } from 'express'
import type { AccessQuestion, ClusterApi, UserInfo } from '../kubernetes/cluster-api.ts'
import { bearerToken, tokenKey, validForMs } from './bearer-token.ts'
import { expiringCache } from './expiring-cache.ts'

/** A person, and the token they came with; null when they came with a client certificate. */
export interface Caller {
  readonly user: UserInfo
  readonly token: string | null
}

export interface CallerAuthority {
  /** Throws AMX-1010 when nobody can be made out. */
  authenticate(request: Request): Promise<Caller>
  /** Throws AMX-1012 when the cluster's RBAC does not allow it. */
  require(caller: Caller, question: AccessQuestion): Promise<void>
}

const authenticatedMs = 60_000
const refusedMs = 3_000
const allowedMs = 10_000

/** Authenticates people as the cluster does (token or client certificate) and authorises each call by SubjectAccessReview. */
export function createCallerAuthority(cluster: ClusterApi): CallerAuthority {
  const users = expiringCache<UserInfo | null>(5_000)
  const answers = expiringCache<boolean>(20_000)

  return {
    async authenticate(request) {
      const token = bearerToken(request)
      if (token === null) return { user: certificateUser(request), token: null }
      const user = await users.get(tokenKey(token), async () => {
        const value = await cluster.reviewToken(token, null)
        return { value, ttlMs: value === null ? refusedMs : validForMs(token, authenticatedMs) }
      })
      if (user === null) throw new AmxError('AMX-1010', { problem: 'the cluster does not accept the token' })
      return { user, token }
    },
    async require(caller, question) {
      const key = JSON.stringify([caller.user, question])
      const allowed = await answers.get(key, async () => ({
        value: await cluster.allowed(caller.user, question),
        ttlMs: allowedMs,
      }))
      if (allowed) return
      const resource =
        question.subresource === undefined ? question.resource : `${question.resource}/${question.subresource}`
      const { verb, namespace } = question
      throw new AmxError('AMX-1012', { user: caller.user.username, verb, resource, namespace })
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
