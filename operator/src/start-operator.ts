import { setTimeout as delay } from 'node:timers/promises'
import { firesSchedulesAnnotation, openPriceFile, toAmxError } from '@amx/api'
import { createRuntime, MemoisedKubeConfig, type RuntimeEnd } from '@amx/kube'
import { openOperatorStore } from '@amx/store'
import type { KubeConfig } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import manifest from '../package.json' with { type: 'json' }
import { AmxOperator } from './amx-operator.ts'
import type { OperatorEnvironment } from './environment.ts'

/** A running operator. */
export interface RunningOperator {
  readonly healthPort: number | undefined
  readonly isLeading: boolean
  /** How it ended; after `LeaseLost` the process should exit non-zero. */
  readonly ended: Promise<RuntimeEnd>
  /** Ends reconciles under way, gives the lease back, closes everything. */
  stop(): Promise<RuntimeEnd>
}

export interface StartOptions {
  readonly environment: OperatorEnvironment
  readonly kubeConfig: KubeConfig
  readonly logger: Logger
}

/** Starts the operator. Rejects when the health port cannot be had. */
export async function startOperator({ environment, kubeConfig, logger }: StartOptions): Promise<RunningOperator> {
  const store = openOperatorStore({ url: environment.storeUrl, logger })
  const runtime = createRuntime({
    kubeConfig: MemoisedKubeConfig.from(kubeConfig),
    name: 'amx-operator',
    leaderElection: {
      namespace: environment.leaderNamespace,
      name: 'amx-operator',
      annotations: { [firesSchedulesAnnotation]: 'true' },
    },
    health: environment.health,
    logger,
  })
  const prices = openPriceFile(environment.priceFile, (error) => {
    const { code, message, remedy } = toAmxError(error)
    logger.error({ code, remedy }, `the price file was not taken: ${message}`)
  })
  const operator = new AmxOperator({
    prices,
    kubeConfig,
    runtime,
    logger,
    store,
    setup: {
      image: environment.workerImage,
      serverUrl: environment.serverUrl,
      logLevel: environment.logLevel,
      ...(environment.workerServiceAccount !== null && { serviceAccountName: environment.workerServiceAccount }),
    },
    operatorVersion: manifest.version,
    watchNamespaces: environment.watchNamespaces,
  })
  await operator.start()
  const ended = operator.ended.finally(() => store.close())
  // The port is known a moment after the start; one that cannot be had ends the runtime instead.
  while (runtime.healthPort === undefined) {
    const end = await Promise.race([ended, delay(5)])
    if (end !== undefined) break
  }
  return {
    get healthPort() {
      return runtime.healthPort
    },
    get isLeading() {
      return runtime.isLeading
    },
    ended,
    stop() {
      operator.stop()
      return ended
    },
  }
}
