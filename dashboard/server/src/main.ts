import { enableCompileCache } from 'node:module'

enableCompileCache()

const { toAmxError } = await import('@amx/api')
const { loadKubeConfig } = await import('@amx/kube')
const { migrate } = await import('@amx/store')
const { default: pino } = await import('pino')
const { readServerEnvironment } = await import('./environment.ts')
const { startServer } = await import('./start-server.ts')

const logger = pino({ base: { program: 'amx-server' }, timestamp: pino.stdTimeFunctions.isoTime })

function exitWith(thrown: unknown): never {
  const error = toAmxError(thrown)
  logger.fatal({ err: thrown, code: error.code, remedy: error.remedy }, error.message)
  process.exit(1)
}

try {
  const environment = readServerEnvironment(process.env)
  logger.level = environment.logLevel
  if (process.argv.includes('--migrate-only')) {
    await migrate(environment.storeUrl)
    process.exit(0)
  }
  const server = await startServer({ environment, kubeConfig: loadKubeConfig(), logger })
  const stopSignal = new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, resolve)
  })
  stopSignal.then(() => server.stop()).then(() => process.exit(0), exitWith)
  logger.info({ url: server.url, tls: server.tlsUrl, health: server.healthUrl }, 'listening')
  await server.ready
  logger.info('the store is ready')
} catch (error) {
  exitWith(error)
}
