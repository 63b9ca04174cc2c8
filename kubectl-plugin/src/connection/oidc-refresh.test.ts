import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createPlainServer, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, expect, test } from 'vitest'

// An OpenID Connect issuer of this file: discovery, and a token endpoint that takes one refresh token. The command is a process of
// its own, as the trust in the issuer may come from its environment.

let folder: string
let issuer: Server
let issuerUrl: string
let amx: Server
let certificate: string
const granted: string[] = []
const seen: (string | undefined)[] = []

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const tokenUntil = (seconds: number, name: string) =>
  `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded({ iss: issuerUrl, aud: 'kubernetes', sub: name, exp: seconds, iat: 1 })}.c2ln`
const now = () => Math.floor(Date.now() / 1000)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amx-oidc-'))
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  })
  certificate = pems.cert
  await writeFile(join(folder, 'issuer.pem'), certificate)
  issuer = createServer({ key: pems.private, cert: pems.cert }, async (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === '/.well-known/openid-configuration') {
      const endpoints = {
        authorization_endpoint: `${issuerUrl}/authorize`,
        token_endpoint: `${issuerUrl}/token`,
        jwks_uri: `${issuerUrl}/keys`,
      }
      return response.end(
        JSON.stringify({
          issuer: issuerUrl,
          ...endpoints,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        }),
      )
    }
    granted.push(await text(request))
    if (!granted.at(-1)?.includes('refresh_token=good')) {
      response.statusCode = 400
      return response.end(
        JSON.stringify({ error: 'invalid_grant', error_description: 'the refresh token was revoked' }),
      )
    }
    response.end(
      JSON.stringify({
        access_token: 'a',
        token_type: 'bearer',
        expires_in: 300,
        id_token: tokenUntil(now() + 300, 'renewed'),
        refresh_token: 'next',
      }),
    )
  })
  await new Promise<void>((done) => issuer.listen(0, 'localhost', done))
  issuerUrl = `https://localhost:${(issuer.address() as AddressInfo).port}`
  amx = createPlainServer((request, response) => {
    seen.push(request.headers.authorization)
    response.setHeader('content-type', 'application/problem+json')
    response.statusCode = 403
    response.end(JSON.stringify({ code: 'AMX-1012', detail: 'this server only looks who comes', remedy: '' }))
  })
  await new Promise<void>((done) => amx.listen(0, '127.0.0.1', done))
})

afterAll(async () => {
  issuer?.close()
  amx?.close()
  await rm(folder, { recursive: true, force: true })
})

async function prices(config: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const path = join(folder, 'kubeconfig')
  const kubeconfig = {
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [
      {
        name: 'u',
        user: {
          'auth-provider': {
            name: 'oidc',
            config: { 'client-id': 'kubernetes', 'idp-issuer-url': issuerUrl, ...config },
          },
        },
      },
    ],
  }
  await writeFile(path, JSON.stringify(kubeconfig))
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const address = `http://127.0.0.1:${(amx.address() as AddressInfo).port}`
  // As one of several, the first of which is not there.
  const several = [join(folder, 'absent'), path].join(delimiter)
  const child = spawn(process.execPath, [main, 'prices', '--server', address], {
    env: { ...process.env, KUBECONFIG: several, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [complaint] = await Promise.all([text(child.stderr), text(child.stdout)])
  return complaint
}

test.each([
  [
    'an authority in the kubeconfig',
    () => ({ 'idp-certificate-authority-data': Buffer.from(certificate).toString('base64') }),
    () => ({}),
  ],
  ['an authority of the environment', () => ({}), () => ({ NODE_EXTRA_CA_CERTS: join(folder, 'issuer.pem') })],
])('a token that ran out is renewed, with %s', async (_, config, env) => {
  seen.length = 0
  const complaint = await prices(
    { 'id-token': tokenUntil(now() - 60, 'old'), 'refresh-token': 'good', ...config() },
    env(),
  )
  expect(complaint).toContain('this server only looks who comes')
  const [payload = ''] = seen.map((header) => header?.split('.')[1] ?? '')
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).toMatchObject({ sub: 'renewed' })
  // An issuer may take each refresh token once: the next one is kept where kubectl keeps it.
  expect(await readFile(join(folder, 'kubeconfig'), 'utf8')).toContain('next')
})

test('a token that still holds is sent as it is, and nobody is asked', async () => {
  seen.length = 0
  granted.length = 0
  const token = tokenUntil(now() + 600, 'held')
  await prices({ 'id-token': token, 'refresh-token': 'good' })
  expect(seen).toEqual([`Bearer ${token}`])
  expect(granted).toEqual([])
})

test('a refresh that is refused is told with what to do, and nothing is sent', async () => {
  seen.length = 0
  const env = { NODE_EXTRA_CA_CERTS: join(folder, 'issuer.pem') }
  const complaint = await prices({ 'id-token': tokenUntil(now() - 60, 'old'), 'refresh-token': 'revoked' }, env)
  expect(complaint).toMatch(/AMX-1068/)
  expect(seen).toEqual([])
})
