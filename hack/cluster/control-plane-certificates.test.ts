import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, createServer } from 'node:tls'
import { generate } from 'selfsigned'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  controlPlaneCertificates,
  createCertificateAuthority,
  createClientCertificate,
  createServingCertificate,
} from './control-plane-certificates.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amx-certificates-'))
})

afterEach(() => {
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

const read = (path: string) => readFileSync(path, 'utf8')

test('the serving certificate is for loopback only and comes from the authority', async () => {
  const paths = await controlPlaneCertificates(dir)
  const ca = new X509Certificate(read(paths.ca))
  const serving = new X509Certificate(read(paths.serving))
  expect(serving.checkIssued(ca)).toBe(true)
  expect(serving.verify(ca.publicKey)).toBe(true)
  expect(serving.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(serving.checkIP('10.0.0.1')).toBeUndefined()
  expect(serving.checkHost('localhost')).toBe('localhost')
  expect(serving.ca).toBe(false)
})

test('every client has the name and the group that Kubernetes knows it by', async () => {
  const paths = await controlPlaneCertificates(dir)
  const subject = (name: Parameters<typeof paths.client>[0]) =>
    new X509Certificate(read(paths.client(name).certificate)).subject
  expect(subject('admin')).toBe('CN=admin\nO=system:masters')
  expect(subject('controller-manager')).toBe('CN=system:kube-controller-manager')
  expect(subject('scheduler')).toBe('CN=system:kube-scheduler')
})

test('the same certificates are used again until a month before they end', async () => {
  const first = read((await controlPlaneCertificates(dir)).ca)
  expect(read((await controlPlaneCertificates(dir)).ca)).toBe(first)
  vi.useFakeTimers({ now: Date.now() + 340 * 86_400_000, toFake: ['Date'] })
  expect(read((await controlPlaneCertificates(dir)).ca)).not.toBe(first)
})

test('a set that was not finished is made anew', async () => {
  const paths = await controlPlaneCertificates(dir)
  const first = read(paths.ca)
  rmSync(paths.ca)
  expect(read((await controlPlaneCertificates(dir)).ca)).not.toBe(first)
})

test('keys are readable by their owner only', async () => {
  const { caKey, ca } = await controlPlaneCertificates(dir)
  const { statSync } = await import('node:fs')
  expect(statSync(caKey).mode & 0o777).toBe(0o600)
  expect(statSync(ca).mode & 0o777).toBe(0o600)
})

test('a name with a comma stays one name', async () => {
  const identity = await createClientCertificate(await createCertificateAuthority(), { user: 'Ana, Maria' })
  expect(new X509Certificate(identity.certificate).subject).toBe('CN=Ana\\, Maria')
})

test('an authority with an RSA key, as kubeadm makes it, signs what TLS accepts', async () => {
  const made = await generate([{ name: 'commonName', value: 'kubernetes' }], {
    algorithm: 'sha256',
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  })
  const key = createPrivateKey(made.private).export({ type: 'pkcs1', format: 'pem' }).toString()
  const identity = await createServingCertificate({ certificate: made.cert, key })
  const serving = new X509Certificate(identity.certificate)
  expect(serving.checkIssued(new X509Certificate(made.cert))).toBe(true)
  const server = createServer({ cert: identity.certificate, key: identity.key }, (socket) => socket.end('hello'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: '127.0.0.1', port, ca: made.cert })
  expect(await text(socket)).toBe('hello')
  expect(socket.authorized).toBe(true)
  server.close()
})
