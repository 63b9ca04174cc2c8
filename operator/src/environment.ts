import { readFileSync } from 'node:fs'
import { AmxError } from '@amx/api'

/** What the operator is told by its environment variables. */
export interface OperatorEnvironment {
  readonly storeUrl: string
  /** Where workers reach the AMX server. */
  readonly serverUrl: string
  readonly workerImage: string
  readonly workerServiceAccount: string | null
  /** Where health and metrics are served; 0 picks a free port. */
  readonly health: { readonly host: string; readonly port: number }
  /** Namespace of the Lease. */
  readonly leaderNamespace: string
  /** Empty: the whole cluster. */
  readonly watchNamespaces: readonly string[]
  /** Own prices of models, in a file that may come, change and go; null without. */
  readonly priceFile: string | null
  readonly logLevel: string
}

/** Reads the environment. Throws AMX-1001 naming the variable that is missing or wrong. */
export function readOperatorEnvironment(env: NodeJS.ProcessEnv): OperatorEnvironment {
  return {
    storeUrl: textOrFile(env, 'AMX_STORE_URL'),
    serverUrl: urlOf(env, 'AMX_SERVER_URL'),
    workerImage: env['AMX_WORKER_IMAGE'] ?? 'amx.dev/worker:0.1.0',
    workerServiceAccount: env['AMX_WORKER_SERVICE_ACCOUNT'] ?? null,
    health: { host: env['AMX_HEALTH_HOST'] ?? '127.0.0.1', port: portOf(env, 'AMX_HEALTH_PORT', 8082) },
    leaderNamespace: env['AMX_LEADER_NAMESPACE'] ?? env['POD_NAMESPACE'] ?? 'amx-system',
    watchNamespaces: (env['AMX_WATCH_NAMESPACES'] ?? '').split(',').flatMap((name) => name.trim() || []),
    priceFile: env['AMX_PRICE_FILE'] ?? null,
    logLevel: env['AMX_LOG_LEVEL'] ?? 'info',
  }
}

function textOrFile(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]
  if (value !== undefined && value !== '') return value
  const path = env[`${name}_FILE`]
  if (path === undefined || path === '') throw invalid(name, `is not set, and neither is ${name}_FILE`)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw invalid(`${name}_FILE`, `cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function urlOf(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]
  if (value === undefined || !URL.canParse(value)) throw invalid(name, 'must be the URL workers reach the server at')
  return value.replace(/\/+$/, '')
}

function portOf(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const port = Number(env[name] ?? otherwise)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalid(name, 'must be a port')
  return port
}

function invalid(field: string, problem: string): AmxError {
  return new AmxError('AMX-1001', { field, problem })
}
