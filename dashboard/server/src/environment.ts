import { readFileSync } from 'node:fs'
import { AmxError } from '@amx/api'

/** Where the server listens and whom it talks to, from its environment variables. */
export interface ServerEnvironment {
  readonly storeUrl: string
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  readonly healthPort: number
  readonly tls: TlsEnvironment | null
  /** Redis that replicas share the limits of model calls in; null: each limits its own. */
  readonly redisUrl: string | null
  /** Audience of the tokens that worker pods carry. */
  readonly workerAudience: string
  /** Own prices of models, in a file that may come, change and go; null without. */
  readonly priceFile: string | null
  readonly logLevel: string
  /** What vectors of documents and code may take in memory, in MiB. @default 256 */
  readonly contextCacheMiB?: number
}

/** The TLS listener: for people whose kubeconfig signs in with a client certificate. */
export interface TlsEnvironment {
  readonly port: number
  readonly certificate: string
  readonly key: string
  /** CA that signs the cluster's client certificates. */
  readonly clientCa: string
}

/** Reads the environment. Throws AMX-1001 naming the variable that is missing or wrong. */
export function readServerEnvironment(env: NodeJS.ProcessEnv): ServerEnvironment {
  const listen = env.AMX_LISTEN ?? `127.0.0.1:${env.PORT ?? '8080'}`
  const separator = listen.lastIndexOf(':')
  return {
    storeUrl: textOrFile(env, 'AMX_STORE_URL'),
    host: listen.slice(0, separator).replace(/^\[(.*)\]$/, '$1') || '0.0.0.0',
    port: portOf('AMX_LISTEN', listen.slice(separator + 1)),
    healthPort: portOf('AMX_HEALTH_PORT', env.AMX_HEALTH_PORT ?? '8081'),
    tls: readTls(env),
    redisUrl: isSet(env, 'AMX_REDIS_URL') ? textOrFile(env, 'AMX_REDIS_URL') : null,
    workerAudience: env.AMX_WORKER_AUDIENCE ?? 'amx-server',
    priceFile: env.AMX_PRICE_FILE ?? null,
    logLevel: env.AMX_LOG_LEVEL ?? 'info',
    contextCacheMiB: sizeOf('AMX_CONTEXT_CACHE_MIB', env.AMX_CONTEXT_CACHE_MIB ?? '256'),
  }
}

function readTls(env: NodeJS.ProcessEnv): TlsEnvironment | null {
  if (env.AMX_TLS_PORT === undefined) return null
  return {
    port: portOf('AMX_TLS_PORT', env.AMX_TLS_PORT),
    certificate: fileOf(env, 'AMX_TLS_CERT_FILE'),
    key: fileOf(env, 'AMX_TLS_KEY_FILE'),
    clientCa: fileOf(env, 'AMX_CLIENT_CA_FILE'),
  }
}

function textOrFile(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]
  if (value !== undefined && value !== '') return value
  return fileOf(env, `${name}_FILE`).trim()
}

function isSet(env: NodeJS.ProcessEnv, name: string): boolean {
  return [env[name], env[`${name}_FILE`]].some((value) => value !== undefined && value !== '')
}

function fileOf(env: NodeJS.ProcessEnv, name: string): string {
  const path = env[name]
  if (path === undefined || path === '') throw new AmxError('AMX-1001', { field: name, problem: 'is not set' })
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AmxError('AMX-1001', { field: name, problem: `cannot be read: ${(error as Error).message}` })
  }
}

function portOf(field: string, text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new AmxError('AMX-1001', { field, problem: `"${text}" is not a port` })
}

function sizeOf(field: string, text: string): number {
  const size = Number(text)
  if (Number.isInteger(size) && size >= 0 && size <= 1_048_576) return size
  throw new AmxError('AMX-1001', { field, problem: `"${text}" is not a size in MiB` })
}
