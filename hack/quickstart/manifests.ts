import { components } from '../cluster/component-images.ts'

/** Where the parts of a local system are reached. */
export interface SystemAddresses {
  readonly serverPort: number
  readonly serverTlsPort: number
  readonly serverHealthPort: number
  readonly operatorHealthPort: number
  /** PostgreSQL URL of the store. */
  readonly storeUrl: string
}

export interface SystemManifestOptions {
  readonly addresses: SystemAddresses
  /** Serving certificate of the server, signed by the cluster's CA, and that CA. */
  readonly tls: { readonly certificate: string; readonly key: string; readonly clientCa: string }
  /** Digest of the program texts: a change of it starts the pods anew. */
  readonly programDigest: string
}

export const systemNamespace = 'amx-system'

function image(component: keyof typeof components): string {
  return `${components[component].image}:dev`
}

/** Secrets, Deployments and the Service of the server and the operator; their roles are in their own deploy folders. */
export function systemManifests({ addresses, tls, programDigest }: SystemManifestOptions): object[] {
  return [
    secret('amx-store', { url: addresses.storeUrl }),
    secret('amx-server-tls', { 'tls.crt': tls.certificate, 'tls.key': tls.key, 'client-ca.crt': tls.clientCa }),
    serverService(addresses),
    serverDeployment(addresses, programDigest),
    operatorDeployment(addresses, programDigest),
  ]
}

/** A Secret with text values. */
export function secret(name: string, stringData: Record<string, string>, namespace = systemNamespace): object {
  const data = Object.fromEntries(
    Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data }
}

function serverService({ serverPort, serverTlsPort }: SystemAddresses): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'amx-server',
      namespace: systemNamespace,
      // Outside the cluster nobody reaches a Service; the address people use stands beside it.
      annotations: { 'amx.dev/url': `https://127.0.0.1:${serverTlsPort}` },
    },
    spec: { selector: labels('server'), ports: [{ name: 'http', port: 80, targetPort: serverPort }] },
  }
}

function serverDeployment(addresses: SystemAddresses, programDigest: string): object {
  const { serverPort, serverTlsPort, serverHealthPort } = addresses
  return deployment('server', programDigest, {
    volumes: [
      { name: 'store', secret: { secretName: 'amx-store' } },
      { name: 'tls', secret: { secretName: 'amx-server-tls' } },
    ],
    containers: [
      {
        name: 'server',
        image: image('server'),
        imagePullPolicy: 'IfNotPresent',
        env: environment({
          AMX_LISTEN: `127.0.0.1:${serverPort}`,
          AMX_HEALTH_PORT: String(serverHealthPort),
          AMX_STORE_URL_FILE: '/var/run/amx/store/url',
          AMX_TLS_PORT: String(serverTlsPort),
          AMX_TLS_CERT_FILE: '/var/run/amx/tls/tls.crt',
          AMX_TLS_KEY_FILE: '/var/run/amx/tls/tls.key',
          AMX_CLIENT_CA_FILE: '/var/run/amx/tls/client-ca.crt',
        }),
        volumeMounts: [
          { name: 'store', mountPath: '/var/run/amx/store', readOnly: true },
          { name: 'tls', mountPath: '/var/run/amx/tls', readOnly: true },
        ],
        ...probes(serverHealthPort),
      },
    ],
  })
}

function operatorDeployment(addresses: SystemAddresses, programDigest: string): object {
  const { serverPort, operatorHealthPort } = addresses
  return deployment('operator', programDigest, {
    volumes: [{ name: 'store', secret: { secretName: 'amx-store' } }],
    containers: [
      {
        name: 'operator',
        image: image('operator'),
        imagePullPolicy: 'IfNotPresent',
        env: environment({
          AMX_STORE_URL_FILE: '/var/run/amx/store/url',
          AMX_SERVER_URL: `http://127.0.0.1:${serverPort}`,
          AMX_WORKER_IMAGE: image('worker'),
          AMX_HEALTH_PORT: String(operatorHealthPort),
          AMX_LEADER_NAMESPACE: systemNamespace,
        }),
        volumeMounts: [{ name: 'store', mountPath: '/var/run/amx/store', readOnly: true }],
        ...probes(operatorHealthPort),
      },
    ],
  })
}

function deployment(part: 'server' | 'operator', programDigest: string, podSpec: object): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `amx-${part}`, namespace: systemNamespace, labels: labels(part) },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels(part) },
      // The ports are the machine's own: a second pod could not listen beside the first.
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels: labels(part), annotations: { 'amx.dev/program-digest': programDigest } },
        spec: { serviceAccountName: `amx-${part}`, terminationGracePeriodSeconds: 15, ...podSpec },
      },
    },
  }
}

function labels(part: string): Record<string, string> {
  return { 'app.kubernetes.io/name': `amx-${part}`, 'app.kubernetes.io/part-of': 'amx' }
}

function environment(variables: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(variables).map(([name, value]) => ({ name, value }))
}

function probes(port: number): object {
  const probe = (path: string) => ({ httpGet: { path, port, host: '127.0.0.1' }, timeoutSeconds: 3 })
  return {
    readinessProbe: { ...probe('/readyz'), periodSeconds: 1 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 3, initialDelaySeconds: 10 },
  }
}
