import { get, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { KubeConfig } from '@kubernetes/client-node'

/** The JSON answer of the results API to the user of a kubeconfig, whose client certificate the server verifies. Throws when it is no success. */
export async function readResults<Answer>(
  kubeconfigPath: string,
  serverTlsPort: number,
  path: string,
): Promise<Answer> {
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(kubeconfigPath)
  const options: RequestOptions = {}
  await kubeConfig.applyToHTTPSOptions(options)
  return new Promise((resolve, reject) => {
    const request = get(
      { ...options, agent: false, host: '127.0.0.1', port: serverTlsPort, path, timeout: 15_000 },
      (response) => {
        text(response).then((body) => {
          if (response.statusCode === 200) resolve(JSON.parse(body) as Answer)
          else reject(new Error(`${path}: the server answered ${response.statusCode}: ${body}`))
        }, reject)
      },
    )
    request.once('timeout', () => request.destroy(new Error(`${path}: no answer within 15 s`))).once('error', reject)
  })
}
