import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SignInCode, WhoAmI } from '@amx/api'
import { callApiServer, type RunningPostgres, rigKubeConfigPath, startPostgres, testNamespace } from '@amx/hack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningServer } from '../start-server.ts'
import { startTestServer } from '../testing/test-server.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'amx-sessions-'))
let postgres: RunningPostgres
let server: RunningServer
let namespace: string
let token: string

beforeAll(async () => {
  postgres = await startPostgres({ dataDir })
  server = await startTestServer(postgres.url)
  namespace = await testNamespace({ prefix: 'sessions' })
  token = await tokenOf('default')
})

afterAll(async () => {
  await server.stop()
  await postgres.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function create(path: string, body: object): Promise<{ status?: { token?: string } }> {
  const answer = await callApiServer(rigKubeConfigPath(), 'POST', path, body)
  if (answer.status >= 300 && answer.status !== 409) throw new Error(`${path}: ${answer.body}`)
  return JSON.parse(answer.body)
}

async function tokenOf(account: string): Promise<string> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } }
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`
  return (await create(path, request)).status?.token ?? ''
}

const call = (path: string, init: RequestInit = {}) => fetch(`${server.url}/api/v1/${path}`, init)
const bearer = () => ({ authorization: `Bearer ${token}` })
const whoAmI = async (headers: Record<string, string>) =>
  (await (await call('whoami', { headers })).json()) as WhoAmI & { code?: string }
const withBody = (code: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ code }),
})

async function newSession(headers: Record<string, string> = bearer()): Promise<{ cookie: string; attributes: string }> {
  const answer = await call('session/codes', { method: 'POST', headers })
  const { code } = (await answer.json()) as SignInCode
  const begun = await call('session', withBody(code))
  expect(begun.status).toBe(204)
  const [cookie = '', ...attributes] = (begun.headers.get('set-cookie') ?? '').split('; ')
  expect((await call('session', withBody(code))).status).toBe(401)
  return { cookie, attributes: attributes.join('; ') }
}

test('every answer carries the version, also a refusal', async () => {
  expect((await call('version')).headers.get('amx-version')).toMatch(/^\d+\.\d+\.\d+$/)
  expect((await call('whoami')).headers.get('amx-version')).toMatch(/^\d+\.\d+\.\d+$/)
})

test('a one-time code signs a browser in as whoever asked for it, until the session is ended', async () => {
  const { cookie, attributes } = await newSession()
  expect(attributes).toMatch(/HttpOnly; SameSite=Strict$/)
  const me = await whoAmI({ cookie })
  expect(me).toMatchObject({ username: `system:serviceaccount:${namespace}:default`, impersonatedBy: null })
  // The session is never longer than its token.
  expect(Date.parse(me.sessionUntil ?? '')).toBeLessThanOrEqual(Date.now() + 601_000)
  // A cookie alone writes nothing, whoever made the browser send it.
  const refused = await call('session', { method: 'DELETE', headers: { cookie } })
  expect(await refused.json()).toMatchObject({ status: 403, code: 'AMX-1067' })
  expect((await call('session', { method: 'DELETE', headers: { cookie, 'amx-request': '1' } })).status).toBe(204)
  expect(await whoAmI({ cookie })).toMatchObject({ code: 'AMX-1010' })
})

test('a code that nobody made, and a forged cookie, sign nobody in', async () => {
  expect(await (await call('session', withBody('guess'))).json()).toMatchObject({ status: 401, code: 'AMX-1066' })
  expect(await whoAmI({ cookie: 'amx_session=guess' })).toMatchObject({ code: 'AMX-1010' })
})

test('acting as somebody else takes the right to do so, and answers as theirs', async () => {
  const acting = { ...bearer(), 'impersonate-user': 'jane', 'impersonate-group': 'reviewers' }
  expect(await whoAmI(acting)).toMatchObject({
    status: 403,
    code: 'AMX-1065',
    detail: expect.stringContaining('may not act as user "jane"'),
  })
  const name = `act-${namespace}`
  const rules = [
    { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['john'] },
    { apiGroups: [''], resources: ['groups'], verbs: ['impersonate'], resourceNames: ['reviewers'] },
  ]
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  await create(`${rbac}/clusterroles`, { metadata: { name }, rules })
  await create(`${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
  })
  const john = { ...bearer(), 'impersonate-user': 'john', 'impersonate-group': 'reviewers' }
  await expect
    .poll(() => whoAmI(john))
    .toMatchObject({
      username: 'john',
      groups: ['reviewers', 'system:authenticated'],
      impersonatedBy: `system:serviceaccount:${namespace}:default`,
    })
  expect(await whoAmI(acting)).toMatchObject({ code: 'AMX-1065' })
  expect(await whoAmI({ ...john, 'impersonate-group': 'system:masters' })).toMatchObject({ code: 'AMX-1065' })
  const { cookie } = await newSession(john)
  expect(await whoAmI({ cookie })).toMatchObject({ username: 'john' })
})

test('the server tells who is signed in how its store fares, also while it is away', async () => {
  expect((await call('diagnostics')).status).toBe(401)
  const state = await (await call('diagnostics', { headers: bearer() })).json()
  expect(state).toMatchObject({ version: expect.any(String), store: { units: { waiting: 0 }, unfinishedRuns: 0 } })
  const port = Number(new URL(postgres.url).port)
  await postgres.stop()
  expect(await (await call('diagnostics', { headers: bearer() })).json()).toMatchObject({
    store: { error: expect.stringContaining('store') },
  })
  postgres = await startPostgres({ dataDir, port })
})

test('the page that a code is opened with may run its own script alone', async () => {
  const page = await fetch(`${server.url}/sign-in`)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await page.text()).toContain('/api/v1/session')
})
