import { createPrivateKey } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect as connectTo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WhoAmI } from '@amx/api'
import { callApiServer, rigClientCa, rigKubeConfigPath, testNamespace } from '@amx/hack'
import { createCertificateAuthority, createClientCertificate } from '@amx/hack/cluster'
import { isReady, startTestNode } from '@amx/hack/process-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type BuiltPlugin, buildPlugin } from '../built-plugin-fixture.ts'
import { type ServerProcess, startServerProcess } from '../server-process-fixture.ts'

// The built executable against a real API server and a server process, with every kind of kubeconfig.

const folder = mkdtempSync(join(tmpdir(), 'amx-sign-in-'))
const node = await startTestNode()
let plugin: BuiltPlugin
let server: ServerProcess
let namespace: string
let token: string
let me: string
let cluster: { readonly server: string | undefined; readonly 'certificate-authority-data': string }
let admin: { certificate: string; key: string }

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'sign-in' })
  const servingNames = [`amx-server.${namespace}.svc`]
  ;[plugin, server] = await Promise.all([
    buildPlugin(join(folder, 'plugin')),
    startServerProcess(folder, { servingNames }),
  ])
  const rig = parse(readFileSync(rigKubeConfigPath(), 'utf8')) as { clusters: [{ cluster: Record<string, string> }] }
  const given = rig.clusters[0].cluster
  const ca =
    given['certificate-authority-data'] ?? readFileSync(given['certificate-authority'] ?? '').toString('base64')
  cluster = { server: given['server'], 'certificate-authority-data': ca }
  admin = await createClientCertificate(rigClientCa(), { user: 'chief', group: 'system:masters' })
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 900 } }
  const issued = await create(`/api/v1/namespaces/${namespace}/serviceaccounts/default/token`, request)
  token = issued.status?.token ?? ''
  me = `system:serviceaccount:${namespace}:default`
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function create(path: string, body: object): Promise<{ status?: { token?: string } }> {
  const answer = await callApiServer(rigKubeConfigPath(), 'POST', path, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.body}`)
  return JSON.parse(answer.body)
}

let serial = 0

/** A kubeconfig with one user; gives its path. */
function kubeconfig(user: object, change: object = {}, name = `config-${++serial}`): string {
  const path = join(folder, name)
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { ...cluster, ...change } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }],
    'current-context': 'x',
  }
  writeFileSync(path, JSON.stringify(content))
  return path
}

function fileOf(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Who the server takes the plugin's caller for: the plugin asks for a browser's code, and the browser asks who it is. */
async function whoIs(config: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await plugin.run(['studio', '--no-open', ...args], {
    KUBECONFIG: config,
    AMX_SERVER: server.url,
    ...env,
  })
  if (code !== 0) return `${code}: ${stderr.trim()}`
  const oneTime = new URLSearchParams(new URL(stdout.trim()).hash.slice(1)).get('code')
  const begun = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: oneTime }),
  })
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  return ((await (await fetch(`${server.url}/api/v1/whoami`, { headers: { cookie } })).json()) as WhoAmI).username
}

/** A credential plugin that writes what it is told, and what it was told of the cluster into a file. */
function execUser(status: object, change: object = {}): object {
  const program = join(folder, `exec-${++serial}.mjs`)
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }
  writeFileSync(
    program,
    `#!${process.execPath}
import { writeFileSync } from 'node:fs'
writeFileSync(process.argv[1] + '.info', process.env.KUBERNETES_EXEC_INFO)
console.error('signing in as', process.env.WHO)
console.log(${JSON.stringify(JSON.stringify(credential))})
`,
  )
  chmodSync(program, 0o700)
  const env = [{ name: 'WHO', value: 'me' }]
  return {
    exec: { apiVersion: credential.apiVersion, command: program, env, interactiveMode: 'IfAvailable', ...change },
  }
}

describe('a token', () => {
  test('stands in the kubeconfig, in a file beside it, or on the command line', async () => {
    expect(await whoIs(kubeconfig({ token }))).toBe(me)
    fileOf('token', `${token}\n`)
    expect(await whoIs(kubeconfig({ tokenFile: 'token' }))).toBe(me)
    expect(await whoIs(kubeconfig({}), ['--token', token])).toBe(me)
  })

  test('that the cluster does not know is refused with a remedy', async () => {
    expect(await whoIs(kubeconfig({ token: 'wrong' }))).toMatch(
      /^4: error: the cluster does not accept the token \(AMX-1010\)\nSign in again/,
    )
    expect(await whoIs(kubeconfig({ tokenFile: 'absent' }))).toMatch(
      /^4: error: .*tokenFile.* cannot be read.*AMX-1068/,
    )
  })

  test('of an OIDC provider is sent while it is good', async () => {
    expect(await whoIs(kubeconfig({ 'auth-provider': { name: 'oidc', config: { 'id-token': token } } }))).toBe(me)
  })

  test('of an OIDC provider that is over, and cannot be renewed, is said to be', async () => {
    const payload = base64(JSON.stringify({ exp: 1 })).replaceAll('=', '')
    const over = { 'id-token': `${base64('{}')}.${payload}.x`, 'idp-issuer-url': 'https://127.0.0.1:9' }
    expect(await whoIs(kubeconfig({ 'auth-provider': { name: 'oidc', config: over } }))).toMatch(
      /^4: error: .*AMX-10(68|10)/,
    )
  })
})

describe('an exec plugin', () => {
  test('gives a token, and is told of the cluster where it asks to be', async () => {
    const user = execUser({ token }, { provideClusterInfo: true }) as { exec: { command: string } }
    expect(await whoIs(kubeconfig(user))).toBe(me)
    const info = JSON.parse(readFileSync(`${user.exec.command}.info`, 'utf8'))
    expect(info).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster },
    })
  })

  test('gives a certificate', async () => {
    const user = execUser({ clientCertificateData: admin.certificate, clientKeyData: admin.key })
    expect(await whoIs(kubeconfig(user), [], { AMX_SERVER: server.tlsUrl })).toBe('chief')
  })

  test.each([
    ['that has to ask where nobody can answer', { interactiveMode: 'Always' }, { token: 'x' }, /there is no terminal/],
    ['that is not installed', { command: 'no-such-plugin', installHint: 'Get it.' }, {}, /not installed: Get it\./],
    ['of a version that is gone', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }, {}, /v1alpha1.*understands/],
    ['that gives nothing', {}, {}, /neither a token nor a certificate/],
    ['whose credential is over', {}, { token: 'x', expirationTimestamp: '2020-01-01T00:00:00Z' }, /expired at 2020/],
    ['that fails', { command: '/bin/false' }, {}, /ended with 1/],
  ])('%s is refused in words', async (_, change, status, words) => {
    const said = await whoIs(kubeconfig(execUser(status, change)))
    expect(said).toMatch(words)
    expect(said).toMatch(/^4: [\s\S]*\(AMX-1068\)\nCorrect the user in the kubeconfig/)
  })
})

describe('a client certificate', () => {
  const overTls = () => ({ AMX_SERVER: server.tlsUrl })

  test('stands in the kubeconfig or in files', async () => {
    const data = { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) }
    expect(await whoIs(kubeconfig(data), [], overTls())).toBe('chief')
    fileOf('client.crt', admin.certificate)
    fileOf('client.key', admin.key)
    const files = { 'client-certificate': 'client.crt', 'client-key': 'client.key' }
    expect(await whoIs(kubeconfig(files), [], overTls())).toBe('chief')
  })

  test('is named on the command line, in place of the user of the kubeconfig', async () => {
    const certificate = ['--client-certificate', fileOf('own.crt', admin.certificate)]
    const key = ['--client-key', fileOf('own.key', admin.key)]
    expect(await whoIs(kubeconfig({ token }), [...certificate, ...key], overTls())).toBe('chief')
    expect(await whoIs(kubeconfig({ token }), certificate, overTls())).toMatch(/^2: .*go together/)
  })

  test('of another authority is nobody', async () => {
    const stranger = await createClientCertificate(await createCertificateAuthority(), { user: 'chief' })
    const data = { 'client-certificate-data': base64(stranger.certificate), 'client-key-data': base64(stranger.key) }
    expect(await whoIs(kubeconfig(data), [], overTls())).toMatch(/^4: .*\(AMX-1010\)/)
  })

  test.each([
    ['without its key', {}, /client-certificate without a client-key/],
    ['with a key that is none', { 'client-key-data': base64('hello') }, /no private key in PEM form/],
    ['with a key that is not there', { 'client-key': 'absent.key' }, /client-key .* cannot be read/],
  ])('%s is refused in words', async (_, change, words) => {
    const user = { 'client-certificate-data': base64(admin.certificate), ...change }
    expect(await whoIs(kubeconfig(user), [], overTls())).toMatch(words)
  })

  test('with an encrypted key is refused in words', async () => {
    const key = createPrivateKey(admin.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    })
    const user = { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(key.toString()) }
    expect(await whoIs(kubeconfig(user), [], overTls())).toMatch(/client-key is encrypted.*AMX-1068/)
  })
})

describe('acting as somebody else', () => {
  test('reads results as theirs, where the caller may', async () => {
    const data = { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) }
    const env = { AMX_SERVER: server.tlsUrl }
    expect(await whoIs(kubeconfig(data), ['--as', 'jane', '--as-group', 'a', '--as-group', 'b'], env)).toBe('jane')
    expect(await whoIs(kubeconfig({ ...data, as: 'john', 'as-groups': ['a'] }), [], env)).toBe('john')
    expect(await whoIs(kubeconfig(data), ['--as', 'jane', '--as-uid', '7'], env)).toBe('jane')
    expect(await whoIs(kubeconfig(data), ['--as-group', 'a'], env)).toMatch(/name one with --as/)
    expect(await whoIs(kubeconfig({ token }), ['--as', 'jane'])).toMatch(/may not act as user "jane" \(AMX-1065\)/)
  })
})

describe('the cluster', () => {
  test('is found in several files, of which the first has its say', async () => {
    const first = fileOf('first', JSON.stringify({ users: [{ name: 'u', user: { token } }] }))
    const second = kubeconfig({ token: 'wrong' })
    expect(await whoIs(`${first}:${join(folder, 'absent')}:${second}`)).toBe(me)
  })

  test('is trusted by its own name, by another one, or not at all', async () => {
    const version = (change: object, flags: readonly string[]) =>
      plugin.run(['version', '-o', 'json', ...flags], {
        KUBECONFIG: kubeconfig({ token }, change),
        AMX_SERVER: server.url,
      })
    const kubernetes = async (change: object, ...flags: string[]) =>
      JSON.parse((await version(change, flags)).stdout).kubernetes
    expect(await kubernetes({})).toMatch(/^v1\./)
    expect(await kubernetes({ 'tls-server-name': 'kubernetes' })).toMatch(/^v1\./)
    expect(await kubernetes({ 'tls-server-name': 'elsewhere' })).toBeUndefined()
    const blind = { 'certificate-authority-data': undefined }
    expect(await kubernetes(blind)).toBeUndefined()
    expect(await kubernetes({ ...blind, 'insecure-skip-tls-verify': true })).toMatch(/^v1\./)
    expect(await kubernetes(blind, '--insecure-skip-tls-verify')).toMatch(/^v1\./)
    expect(await kubernetes({ 'tls-server-name': 'elsewhere' }, '--tls-server-name', 'kubernetes')).toMatch(/^v1\./)
    const authority = fileOf('ca.crt', Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8'))
    const other = fileOf('other.crt', (await createCertificateAuthority()).certificate)
    expect(await kubernetes(blind, '--certificate-authority', authority)).toMatch(/^v1\./)
    expect(await kubernetes({}, '--certificate-authority', other)).toBeUndefined()
  })

  test('is reached through a proxy', async () => {
    const asked: string[] = []
    const proxy = createServer()
    proxy.on('connect', ({ url = '' }, socket) => {
      asked.push(url)
      const [host = '', port] = url.split(':')
      const target = connectTo(Number(port), host.endsWith('.test') ? '127.0.0.1' : host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        target.pipe(socket).pipe(target)
      })
      for (const end of [socket, target]) end.on('error', () => {})
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const env = { KUBECONFIG: kubeconfig({ token }, { 'proxy-url': proxyUrl }), AMX_SERVER: server.url }
    expect(JSON.parse((await plugin.run(['version', '-o', 'json'], env)).stdout).kubernetes).toMatch(/^v1\./)
    expect(asked).toEqual([new URL(String(cluster['server'])).host])

    // The environment's proxy leads to the AMX server as well; names that only the proxy knows show that it was used.
    const elsewhere = (url: string, host: string) => `https://${host}:${new URL(url).port}`
    const named = {
      KUBECONFIG: kubeconfig({ token }, { server: elsewhere(String(cluster['server']), 'cluster.test') }),
      AMX_SERVER: elsewhere(server.tlsUrl, 'amx.test'),
    }
    const version = (more: Record<string, string>) =>
      plugin.run(['version', '-o', 'json', '--insecure-skip-tls-verify'], { ...named, ...more })
    expect(JSON.parse((await version({ HTTPS_PROXY: proxyUrl })).stdout).kubernetes).toMatch(/^v1\./)
    const hosts = [named.AMX_SERVER, elsewhere(String(cluster['server']), 'cluster.test')].map(
      (url) => new URL(url).host,
    )
    expect(asked.slice(1).sort()).toEqual(hosts)
    await version({ HTTPS_PROXY: proxyUrl, NO_PROXY: '.test' })
    expect(asked).toHaveLength(3)
    proxy.close()
    proxy.closeAllConnections()
  })

  test.each([
    ['a context', ['--context', 'absent'], /context "absent" of the kubeconfig does not exist/],
    ['a cluster', ['--cluster', 'absent'], /cluster "absent" of the kubeconfig does not exist/],
    ['a user', ['--user', 'absent'], /user "absent" of the kubeconfig does not exist/],
  ])('without %s of the name is not found', async (_, args, words) => {
    expect(await whoIs(kubeconfig({ token }), args)).toMatch(words)
  })

  test('is missing where there is no kubeconfig at all', async () => {
    const { code, stderr } = await plugin.run(['get'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/no kubeconfig was found.*\(AMX-4001\)/)
  })
})

describe('a server without an address of its own', () => {
  const env = (user: object) => ({ KUBECONFIG: kubeconfig(user), AMX_SYSTEM_NAMESPACE: namespace })
  const certificate = () => ({
    'client-certificate-data': base64(admin.certificate),
    'client-key-data': base64(admin.key),
  })
  const history = (user: object) => plugin.run(['version', '-o', 'json'], env(user))

  beforeAll(async () => {
    const port = (url: string) => Number(new URL(url).port)
    await create(`/api/v1/namespaces/${namespace}/services`, {
      metadata: { name: 'amx-server' },
      spec: {
        selector: { app: 'amx-server' },
        ports: [
          { name: 'http', port: 80, targetPort: port(server.url) },
          { name: 'https', port: 443, targetPort: port(server.tlsUrl) },
        ],
      },
    })
  })

  test('says so while none of its pods is ready', async () => {
    const { stdout } = await history(certificate())
    expect(JSON.parse(stdout).server.error).toBe('no pod of Service amx-server is ready: there is no pod')
  })

  test('is reached through one of its pods, its certificate checked by the name of its Service', async () => {
    // A process of this node shares the machine's ports: the server that listens is behind any of its pods.
    const spec = node.onThisNode({
      containers: [{ name: 'main', image: 'amx.dev/test:any', command: ['/bin/sleep', '1000'] }],
    })
    const metadata = { name: 'server', labels: { app: 'amx-server' } }
    await create(`/api/v1/namespaces/${namespace}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata, spec })
    await node.objectUntil(`/api/v1/namespaces/${namespace}/pods`, 'server', isReady)
    const { stdout, stderr } = await history(certificate())
    expect(JSON.parse(stdout).server, stderr).toMatchObject({ version: expect.any(String), skew: 'Same' })
    expect(JSON.parse(stdout).server.url).toMatch(/^https:\/\/127\.0\.0\.1:/)
    const list = await plugin.run(['logs', 'absent'], env(certificate()))
    expect(list.stderr).toMatch(/run "absent" in namespace ".*" does not exist \(AMX-1013\)/)
  })

  test('is not looked for by who may not, and the remedy names the role', async () => {
    const { code, stderr } = await plugin.run(['logs', 'any'], env({ token }))
    expect(code).toBe(4)
    expect(stderr).toMatch(/you may not look for the AMX server in .*: .*services "amx-server" is forbidden.*AMX-4023/)
    expect(stderr).toContain('ClusterRole amx-reach')
  })

  test('is not reached by who may not forward ports', async () => {
    const role = { apiGroups: [''], resources: ['services', 'pods'], verbs: ['get', 'list'] }
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
    await create(`${rbac}/roles`, { metadata: { name: 'look' }, rules: [role] })
    await create(`${rbac}/rolebindings`, {
      metadata: { name: 'look' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'look' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    })
    await expect
      .poll(async () => JSON.parse((await history({ token })).stdout).server.error, { timeout: 10_000 })
      .toMatch(/no way to pod server through the API server: .*pods\/portforward/)
  })

  test('is reached through an Ingress with TLS by who signs in with a token; a certificate goes past it', async () => {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
    const role = { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['list'] }
    await create(`${rbac}/roles`, { metadata: { name: 'publish' }, rules: [role] })
    await create(`${rbac}/rolebindings`, {
      metadata: { name: 'publish' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'publish' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    })
    const host = 'amx.example.invalid'
    const backend = { service: { name: 'amx-server', port: { name: 'https' } } }
    await create(`/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`, {
      metadata: { name: 'amx' },
      spec: {
        tls: [{ hosts: [host] }],
        rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      },
    })
    const { server: withToken } = JSON.parse((await history({ token })).stdout)
    expect(withToken.error).toContain(`https://${host}`)
    const { server: withCertificate } = JSON.parse((await history(certificate())).stdout)
    expect(withCertificate.url).toMatch(/^https:\/\/127\.0\.0\.1:/)
  })
})
