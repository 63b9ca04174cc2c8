import { AmxError } from '@amx/api'
import type { Request } from 'express'
import type { AccessQuestion, UserInfo } from '../kubernetes/cluster-api.ts'

/** Whom a caller wants to act as; the API server's own headers say it. */
export interface Impersonation {
  readonly username: string
  readonly uid: string
  readonly groups: readonly string[]
}

const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/

/** Whom the headers of a request name; null for nobody. Throws AMX-1014 for what cannot be acted as. */
export function impersonationOf(request: Request): Impersonation | null {
  const headers = request.headersDistinct ?? {}
  const names = Object.keys(headers).filter((name) => name.startsWith('impersonate-'))
  if (names.length === 0) return null
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new AmxError('AMX-1014', { problem: `the server does not act on the header ${unknown}` })
  const [username] = headers['impersonate-user'] ?? []
  if (username === undefined || username === '') {
    throw new AmxError('AMX-1014', { problem: 'a group can be acted as together with a user only: name one with --as' })
  }
  return { username, uid: headers['impersonate-uid']?.[0] ?? '', groups: headers['impersonate-group'] ?? [] }
}

const known = ['impersonate-user', 'impersonate-group', 'impersonate-uid']

/** What the caller must be allowed to do, as the API server itself asks it. */
export function questionsAbout({ username, uid, groups }: Impersonation): readonly AccessQuestion[] {
  const account = serviceAccount.exec(username)
  const user =
    account === null
      ? { resource: 'users', name: username }
      : { resource: 'serviceaccounts', namespace: account[1] ?? '', name: account[2] ?? '' }
  const questions = [user, ...groups.map((name) => ({ resource: 'groups', name }))]
  const asked = questions.map((question) => ({ namespace: '', ...question, verb: 'impersonate', group: '' }))
  if (uid === '') return asked
  const uidQuestion = {
    verb: 'impersonate',
    group: 'authentication.k8s.io',
    resource: 'uids',
    namespace: '',
    name: uid,
  }
  return [...asked, uidQuestion]
}

/** Who the caller is then, with the groups that the API server adds by itself. */
export function userActedAs({ username, uid, groups }: Impersonation): UserInfo {
  const account = serviceAccount.exec(username)
  const own =
    account === null || groups.length > 0
      ? []
      : ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`]
  const everybody = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated'
  return { username, uid, groups: [...new Set([...groups, ...own, everybody])], extra: {} }
}

/** The headers that make the API server act the same way. */
export function impersonationHeaders({ username, uid, groups }: Impersonation): Record<string, string | string[]> {
  return {
    'impersonate-user': username,
    ...(groups.length > 0 && { 'impersonate-group': [...groups] }),
    ...(uid !== '' && { 'impersonate-uid': uid }),
  }
}
