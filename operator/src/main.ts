import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'

// Loading programs and listing thousands of objects grows the heap far beyond what the operator needs afterwards. Kept small,
// it is 190 MiB in place of 250 with 2,000 runs in the cache.
setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--optimize-for-size')
enableCompileCache()

const { toAmxError } = await import('@amx/api')
const { loadKubeConfig } = await import('@amx/kube')
const { default: pino } = await import('pino')
const { readOperatorEnvironment } = await import('./environment.ts')
const { startOperator } = await import('./start-operator.ts')

const logger = pino({ base: { program: 'amx-operator' }, timestamp: pino.stdTimeFunctions.isoTime })

function exitWith(thrown: unknown): never {
  const error = toAmxError(thrown)
  logger.fatal({ err: thrown, code: error.code, remedy: error.remedy }, error.message)
  process.exit(1)
}

try {
  const environment = readOperatorEnvironment(process.env)
  logger.level = environment.logLevel
  const operator = await startOperator({ environment, kubeConfig: loadKubeConfig(), logger })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping')
      operator.stop().catch(exitWith)
    })
  }
  logger.info(
    { server: environment.serverUrl, worker: environment.workerImage, healthPort: operator.healthPort },
    'started',
  )
  const end = await operator.ended
  if (end.reason === 'LeaseLost') exitWith(new Error(end.message))
  logger.info('stopped')
  process.exit(0)
} catch (error) {
  exitWith(error)
}
