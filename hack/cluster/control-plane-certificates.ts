import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** A certificate and its private key, both PEM. */
export interface Identity {
  certificate: string
  key: string
}

/** Who has a client certificate of the cluster: its name is the user, its organisation the group. */
const clients = {
  admin: { user: 'admin', group: 'system:masters' },
  'controller-manager': { user: 'system:kube-controller-manager', group: undefined },
  scheduler: { user: 'system:kube-scheduler', group: undefined },
  'kubelet-client': { user: 'kube-apiserver-kubelet-client', group: 'system:masters' },
} as const

export type ClientName = keyof typeof clients

/** Where each file of a control plane's certificates is. */
export interface CertificatePaths {
  ca: string
  caKey: string
  serving: string
  servingKey: string
  serviceAccountKey: string
  serviceAccountPublicKey: string
  client(name: ClientName): { certificate: string; key: string }
}

const validForMs = 365 * 86_400_000
const renewBeforeMs = 30 * 86_400_000

/** The certificates of a control plane: those in the folder while they are valid for another month, else new ones. */
export async function controlPlaneCertificates(dir: string): Promise<CertificatePaths> {
  const paths = certificatePaths(dir)
  if (areCurrent(paths)) return paths
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const write = (path: string, text: string) => writeFileSync(path, text, { mode: 0o600 })

  const ca = await createCertificateAuthority()
  write(paths.caKey, ca.key)
  const serving = await createServingCertificate(ca)
  write(paths.serving, serving.certificate)
  write(paths.servingKey, serving.key)
  for (const name of Object.keys(clients) as ClientName[]) {
    const identity = await createClientCertificate(ca, clients[name])
    write(paths.client(name).certificate, identity.certificate)
    write(paths.client(name).key, identity.key)
  }
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  write(paths.serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }).toString())
  write(paths.serviceAccountPublicKey, publicKey.export({ type: 'spki', format: 'pem' }).toString())
  // Last, because its presence says that the set is complete.
  write(paths.ca, ca.certificate)
  return paths
}

function certificatePaths(dir: string): CertificatePaths {
  const path = (name: string) => join(dir, name)
  return {
    ca: path('ca.crt'),
    caKey: path('ca.key'),
    serving: path('serving.crt'),
    servingKey: path('serving.key'),
    serviceAccountKey: path('service-account.key'),
    serviceAccountPublicKey: path('service-account.pub'),
    client: (name) => ({ certificate: path(`${name}.crt`), key: path(`${name}.key`) }),
  }
}

function areCurrent(paths: CertificatePaths): boolean {
  if (!existsSync(paths.ca)) return false
  const { validToDate } = new X509Certificate(readFileSync(paths.ca))
  return validToDate.getTime() - Date.now() > renewBeforeMs
}

/** A new certificate authority of one year. */
export async function createCertificateAuthority(): Promise<Identity> {
  return await issue({
    subject: [{ name: 'commonName', value: 'amx-local-ca' }],
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  })
}

/** A certificate for servers of this machine's loopback address, and of more host names; etcd's peers show it as clients, too. */
export async function createServingCertificate(ca: Identity, names: readonly string[] = []): Promise<Identity> {
  return await issue({
    ca,
    subject: [{ name: 'commonName', value: 'amx-local' }],
    extensions: [
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: 'kubernetes' },
          { type: 2, value: 'kubernetes.default' },
          { type: 2, value: 'kubernetes.default.svc' },
          ...names.map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
}

/** A client certificate that makes its holder the given user, and a member of the group. */
export async function createClientCertificate(
  ca: Identity,
  subject: { user: string; group?: string | undefined },
): Promise<Identity> {
  return await issue({
    ca,
    subject: [
      { name: 'commonName', value: escapeName(subject.user) },
      ...(subject.group === undefined ? [] : [{ name: 'organizationName', value: escapeName(subject.group) }]),
    ],
    extensions: [
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', clientAuth: true },
    ],
  })
}

// The library puts names together as text, in which these characters have a meaning (RFC 4514).
function escapeName(text: string): string {
  return text.replaceAll(/[,+"\\<>;#=]/g, '\\$&')
}

type Subject = NonNullable<Parameters<typeof generate>[0]>
type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>

async function issue(options: { subject: Subject; extensions: Extensions; ca?: Identity }): Promise<Identity> {
  const now = Date.now()
  const result = await generate(options.subject, {
    // The library signs with the kind of key that it makes.
    keyType: options.ca === undefined ? 'ec' : keyTypeOf(options.ca.key),
    algorithm: 'sha256',
    // Clocks of two programs on one machine are the same, but a certificate holds whole seconds.
    notBeforeDate: new Date(now - 60_000),
    notAfterDate: new Date(now + validForMs),
    extensions: options.extensions,
    ...(options.ca === undefined ? {} : { ca: { key: options.ca.key, cert: options.ca.certificate } }),
  })
  return { certificate: `${result.cert.trimEnd()}\n`, key: `${result.private.trimEnd()}\n` }
}

function keyTypeOf(key: string): 'ec' | 'rsa' {
  return createPrivateKey(key).asymmetricKeyType === 'rsa' ? 'rsa' : 'ec'
}
