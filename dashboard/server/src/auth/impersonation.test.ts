import type { Request } from 'express'
import { expect, test } from 'vitest'
import { type Impersonation, impersonationOf, questionsAbout, userActedAs } from './impersonation.ts'

const acting = (change: Partial<Impersonation>): Impersonation => ({ username: 'jane', uid: '', groups: [], ...change })
const asked = (headersDistinct: Record<string, string[]>) => impersonationOf({ headersDistinct } as unknown as Request)

test('nobody is acted as without a header', () => {
  expect(asked({ accept: ['*/*'] })).toBeNull()
})

test('user, groups and uid come from the headers of the API server', () => {
  const headers = { 'impersonate-user': ['jane'], 'impersonate-group': ['a', 'b'], 'impersonate-uid': ['1'] }
  expect(asked(headers)).toEqual({ username: 'jane', uid: '1', groups: ['a', 'b'] })
})

test.each([
  [{ 'impersonate-group': ['a'] }, 'together with a user'],
  [{ 'impersonate-user': ['jane'], 'impersonate-extra-scopes': ['x'] }, 'impersonate-extra-scopes'],
])('%j is refused', (headers, words) => {
  expect(() => asked(headers)).toThrow(words)
})

test.each([
  [acting({}), ['users jane']],
  [acting({ groups: ['a', 'b'] }), ['users jane', 'groups a', 'groups b']],
  [acting({ username: 'system:serviceaccount:team-a:ci' }), ['serviceaccounts ci']],
  [acting({ uid: '1' }), ['users jane', 'uids 1']],
])('%j has to be allowed', (impersonation, questions) => {
  const found = questionsAbout(impersonation)
  expect(found.map(({ resource, name }) => `${resource} ${name}`)).toEqual(questions)
  expect(found.every(({ verb }) => verb === 'impersonate')).toBe(true)
})

test.each([
  [acting({}), ['system:authenticated']],
  [acting({ groups: ['a'] }), ['a', 'system:authenticated']],
  [
    acting({ username: 'system:serviceaccount:team-a:ci' }),
    ['system:serviceaccounts', 'system:serviceaccounts:team-a', 'system:authenticated'],
  ],
])('%j is in the groups %j', (impersonation, groups) => {
  expect(userActedAs(impersonation).groups).toEqual(groups)
})
