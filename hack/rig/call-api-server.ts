import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { parse } from 'yaml'

/** An answer of the API server, whatever its status. */
export interface ApiServerAnswer {
  status: number
  body: string
}

interface KubeConfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[]
}

const connections = new Map<string, { server: string; agent: Agent }>()

/**
 * Calls the API server of a kubeconfig that the local control plane wrote. The rig has this instead of a client library
 * because every test file would pay for loading one. Rejects when there is no answer within 30 s.
 */
export function callApiServer(
  kubeConfigPath: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<ApiServerAnswer> {
  const { server, agent } = connectionOf(kubeConfigPath)
  return new Promise((resolve, reject) => {
    const call = request(
      new URL(path, server),
      { method, agent, timeout: 30_000, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
        response.on('error', reject)
      },
    )
    call.on('timeout', () => call.destroy(new Error(`no answer from ${server} within 30 s`)))
    call.on('error', reject)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function connectionOf(kubeConfigPath: string): { server: string; agent: Agent } {
  const known = connections.get(kubeConfigPath)
  if (known) return known
  const { clusters, users } = parse(readFileSync(kubeConfigPath, 'utf8')) as KubeConfig
  const [{ cluster } = { cluster: undefined }] = clusters
  const [{ user } = { user: undefined }] = users
  if (cluster === undefined || user === undefined) throw new Error(`${kubeConfigPath} names no cluster or no user`)
  const decode = (text: string) => Buffer.from(text, 'base64')
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  })
  const connection = { server: cluster.server, agent }
  connections.set(kubeConfigPath, connection)
  return connection
}
