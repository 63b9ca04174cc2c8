import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callApiServer, rigClientCa, rigKubeConfigPath, rigKubectlPath, testNamespace } from '@amx/hack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { createClientCertificate } from './control-plane-certificates.ts'
import { kubernetesVersion } from './kubernetes-version.ts'

// What the rest of the system relies on and a control plane started with other flags would not have.

let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'amx-control-plane-'))
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function call(method: 'GET' | 'POST', path: string, body?: object) {
  const { status, body: text } = await callApiServer(rigKubeConfigPath(), method, path, body)
  return { status, answer: JSON.parse(text) }
}

test('it is the version it says', async () => {
  expect((await call('GET', '/version')).answer).toMatchObject({ gitVersion: `v${kubernetesVersion}` })
})

test('a token for an audience is accepted for it and refused for others', async () => {
  const namespace = await testNamespace()
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' }
  const issued = await call('POST', path, { ...request, spec: { audiences: ['amx-server'], expirationSeconds: 600 } })
  expect(issued.status).toBe(201)
  const review = async (audience: string) => {
    const { answer } = await call('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: issued.answer.status.token, audiences: [audience] },
    })
    return answer.status
  }
  expect(await review('amx-server')).toMatchObject({
    authenticated: true,
    user: { username: `system:serviceaccount:${namespace}:default` },
  })
  expect((await review('another')).authenticated).not.toBe(true)
})

test('the authority of client certificates is published for servers that check them', async () => {
  const path = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'
  expect((await call('GET', path)).answer.data['client-ca-file']).toBe(rigClientCa().certificate)
})

test('a client certificate makes its holder the user it names, with no rights of its own', async () => {
  const ana = await createClientCertificate(rigClientCa(), { user: 'ana', group: 'reviewers' })
  const { answer: admin } = await call('GET', '/version')
  expect(admin.gitVersion).toBeDefined()
  const path = join(dir, 'ana.kubeconfig')
  writeFileSync(path, kubeConfigOf(ana))
  const kubectl = (...args: string[]) =>
    spawnSync(rigKubectlPath(), ['--kubeconfig', path, ...args], { encoding: 'utf8' })
  const whoami = JSON.parse(kubectl('auth', 'whoami', '-o', 'json').stdout)
  expect(whoami.status.userInfo).toMatchObject({ username: 'ana', groups: ['reviewers', 'system:authenticated'] })
  expect(kubectl('get', 'secrets').stderr).toContain('User "ana" cannot list resource "secrets"')
})

function kubeConfigOf(identity: { certificate: string; key: string }): string {
  const shown = spawnSync(
    rigKubectlPath(),
    ['--kubeconfig', rigKubeConfigPath(), 'config', 'view', '--raw', '-o', 'yaml'],
    { encoding: 'utf8' },
  )
  const config = parse(shown.stdout)
  const encode = (text: string) => Buffer.from(text).toString('base64')
  config.users[0].user = {
    'client-certificate-data': encode(identity.certificate),
    'client-key-data': encode(identity.key),
  }
  return stringify(config)
}

test('its metrics can be read', async () => {
  const { status, body } = await callApiServer(rigKubeConfigPath(), 'GET', '/metrics')
  expect(status).toBe(200)
  expect(body).toContain('apiserver_request_total')
})

test('what a deleted owner owned is collected', async () => {
  const namespace = await testNamespace()
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`
  const configMap = (metadata: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
  const owner = await call('POST', configMaps, configMap({ name: 'owner' }))
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.answer.metadata.uid }]
  await call('POST', configMaps, configMap({ name: 'owned', ownerReferences }))
  await callApiServer(rigKubeConfigPath(), 'DELETE', `${configMaps}/owner`)
  await expect.poll(async () => (await call('GET', `${configMaps}/owned`)).status, { timeout: 30_000 }).toBe(404)
})
