import { components } from '../cluster/component-images.ts'

/** Where the parts of a local system listen, and how they are reached. */
export interface SystemAddresses {
  /** Pods of the process node share the machine's loopback; any other has a network of its own. */
  readonly listenHost: '127.0.0.1' | '0.0.0.0'
  readonly serverPort: number
  readonly serverTlsPort: number
  readonly serverHealthPort: number
  readonly operatorHealthPort: number
  /** The server, as pods reach it. */
  readonly serverUrl: string
  /** The server, as people on this machine reach it. */
  readonly publicUrl: string
  /** The port of every node that leads to the server's TLS port. @default none */
  readonly serverNodePort?: number
  /** PostgreSQL URL of the store, as pods reach it. */
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

/** Own prices of models, for whoever makes a ConfigMap amx-prices with the key prices.json. */
const prices = {
  volume: { name: 'prices', configMap: { name: 'amx-prices', optional: true } },
  mount: { name: 'prices', mountPath: '/var/run/amx/prices', readOnly: true },
  file: '/var/run/amx/prices/prices.json',
}

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

/** The Secrets that examples/quickstart names. */
export function warehouseSecrets(
  passwords: { readonly readerPassword: string; readonly writerPassword: string },
  namespace: string,
): object[] {
  return [
    secret('demo-warehouse-reader', { username: 'amx_reader', password: passwords.readerPassword }, namespace),
    secret('demo-warehouse-writer', { username: 'amx_owner', password: passwords.writerPassword }, namespace),
  ]
}

/** The namespace of the system. */
export function namespaceObject(): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace } }
}

function serverService({ serverPort, serverTlsPort, publicUrl, serverNodePort }: SystemAddresses): object {
  const http = { name: 'http', port: 80, targetPort: serverPort }
  const https = { name: 'https', port: 443, targetPort: serverTlsPort }
  const wayIn =
    serverNodePort === undefined
      ? { ports: [http, https] }
      : { type: 'NodePort', ports: [http, { ...https, nodePort: serverNodePort }] }
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'amx-server',
      namespace: systemNamespace,
      // Outside the cluster nobody reaches a Service; the address people use stands beside it.
      annotations: { 'amx.dev/url': publicUrl },
    },
    spec: { selector: labels('server'), ...wayIn },
  }
}

function serverDeployment(addresses: SystemAddresses, programDigest: string): object {
  const { listenHost, serverPort, serverTlsPort, serverHealthPort } = addresses
  return deployment('server', programDigest, {
    volumes: [
      { name: 'store', secret: { secretName: 'amx-store' } },
      { name: 'tls', secret: { secretName: 'amx-server-tls' } },
      prices.volume,
    ],
    containers: [
      {
        name: 'server',
        image: image('server'),
        imagePullPolicy: 'IfNotPresent',
        env: environment({
          AMX_LISTEN: `${listenHost}:${serverPort}`,
          AMX_HEALTH_PORT: String(serverHealthPort),
          AMX_STORE_URL_FILE: '/var/run/amx/store/url',
          AMX_TLS_PORT: String(serverTlsPort),
          AMX_TLS_CERT_FILE: '/var/run/amx/tls/tls.crt',
          AMX_TLS_KEY_FILE: '/var/run/amx/tls/tls.key',
          AMX_CLIENT_CA_FILE: '/var/run/amx/tls/client-ca.crt',
          AMX_PRICE_FILE: prices.file,
        }),
        volumeMounts: [
          { name: 'store', mountPath: '/var/run/amx/store', readOnly: true },
          { name: 'tls', mountPath: '/var/run/amx/tls', readOnly: true },
          prices.mount,
        ],
        ...probes(addresses, serverHealthPort),
      },
    ],
  })
}

function operatorDeployment(addresses: SystemAddresses, programDigest: string): object {
  const { listenHost, serverUrl, operatorHealthPort } = addresses
  return deployment('operator', programDigest, {
    volumes: [{ name: 'store', secret: { secretName: 'amx-store' } }, prices.volume],
    containers: [
      {
        name: 'operator',
        image: image('operator'),
        imagePullPolicy: 'IfNotPresent',
        env: environment({
          AMX_STORE_URL_FILE: '/var/run/amx/store/url',
          AMX_SERVER_URL: serverUrl,
          AMX_WORKER_IMAGE: image('worker'),
          AMX_HEALTH_HOST: listenHost,
          AMX_HEALTH_PORT: String(operatorHealthPort),
          AMX_LEADER_NAMESPACE: systemNamespace,
          AMX_PRICE_FILE: prices.file,
        }),
        volumeMounts: [{ name: 'store', mountPath: '/var/run/amx/store', readOnly: true }, prices.mount],
        ...probes(addresses, operatorHealthPort),
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
      // On the process node the ports are the machine's own: a second pod could not listen beside the first.
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

function probes({ listenHost }: SystemAddresses, port: number): object {
  // A pod that listens everywhere is asked at its own address.
  const host = listenHost === '127.0.0.1' ? { host: listenHost } : {}
  const probe = (path: string) => ({ httpGet: { path, port, ...host }, timeoutSeconds: 3 })
  return {
    readinessProbe: { ...probe('/readyz'), periodSeconds: 1 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 3, initialDelaySeconds: 10 },
  }
}
