import { rigKubeConfigPath } from '@amx/hack'
import { KubeConfig } from '@kubernetes/client-node'
import pino from 'pino'
import type { ServerEnvironment } from '../environment.ts'
import { type RunningServer, startServer } from '../start-server.ts'

/** The server on ports of its own, against the control plane of the rig; once it is ready. */
export async function startTestServer(
  storeUrl: string,
  { tls = null }: Partial<Pick<ServerEnvironment, 'tls'>> = {},
): Promise<RunningServer> {
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(rigKubeConfigPath())
  const server = await startServer({
    environment: {
      storeUrl,
      host: '127.0.0.1',
      port: 0,
      healthPort: 0,
      tls,
      redisUrl: null,
      priceFile: null,
      workerAudience: 'amx-server',
      logLevel: 'silent',
    },
    kubeConfig,
    logger: pino({ level: 'silent' }),
  })
  await server.ready
  return server
}
