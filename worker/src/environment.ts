import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AmxError, type MountedSecret, stages } from '@amx/api'

/** The programs of the worker: the stages of a run, the index of a ContextSource, and the test of a profile. */
export const workerStages = [...stages, 'index', 'test'] as const
export type WorkerStage = (typeof workerStages)[number]

/** Where a worker finds what its Job gave it. Secrets are files, read when they are needed. */
export interface WorkerEnvironment {
  readonly stage: WorkerStage
  readonly serverUrl: string
  /** Projected service-account token, renewed in place by the kubelet. */
  readonly tokenFile: string
  /** One folder per target: `<index>/username`, `password` and, where the profile names one, `ca.crt`. */
  readonly credentialsDir: string
  readonly modelKeyFile: string | null
  /** Secrets that a test pod is given where they exist; empty for other pods, which do not start without theirs. */
  readonly secrets: readonly MountedSecret[]
  /** The mounted ConfigMap or volume of a ContextSource; null for the kinds that are fetched. */
  readonly contextDir: string | null
  /** The files of its Secret; null where it names none. */
  readonly contextSecretDir: string | null
  /** Where files may be put for a while. */
  readonly scratchDir: string
  readonly podName: string
  readonly terminationMessagePath: string
  /** How long held units may go on after SIGTERM; shorter than the pod's grace period. */
  readonly drainMs: number
}

/** Reads the process environment; throws AMX-1014 naming the variable that is missing. */
export function readEnvironment(args: readonly string[], env: NodeJS.ProcessEnv): WorkerEnvironment {
  const wanted = args[0] ?? env['AMX_STAGE']
  const stage = workerStages.find((known) => known === wanted)
  if (stage === undefined) {
    throw new AmxError('AMX-1014', { problem: `the worker needs a stage: one of ${workerStages.join(', ')}` })
  }
  return {
    stage,
    serverUrl: required(env, 'AMX_SERVER_URL').replace(/\/+$/, ''),
    tokenFile: required(env, 'AMX_TOKEN_FILE'),
    credentialsDir: env['AMX_CREDENTIALS_DIR'] ?? '/var/run/amx/credentials',
    modelKeyFile: env['AMX_MODEL_KEY_FILE'] ?? null,
    secrets: JSON.parse(env['AMX_SECRETS'] ?? '[]') as MountedSecret[],
    contextDir: env['AMX_CONTEXT_DIR'] ?? null,
    contextSecretDir: env['AMX_CONTEXT_SECRET_DIR'] ?? null,
    scratchDir: env['AMX_SCRATCH_DIR'] ?? tmpdir(),
    podName: env['POD_NAME'] ?? env['HOSTNAME'] ?? 'worker',
    terminationMessagePath: env['TERMINATION_MESSAGE_PATH'] ?? '/dev/termination-log',
    drainMs: Number(env['AMX_DRAIN_MS'] ?? 20_000),
  }
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]
  if (value === undefined || value === '') throw new AmxError('AMX-1014', { problem: `the environment lacks ${name}` })
  return value
}

export interface TargetCredentials {
  readonly username: string
  readonly password: string
  readonly ca?: string
}

/** The sign-in of one target; throws AMX-1016 naming the key that the Secret lacks. */
export function readCredentials(environment: WorkerEnvironment, targetIndex: number): TargetCredentials {
  const folder = join(environment.credentialsDir, String(targetIndex))
  const ca = readOptional(join(folder, 'ca.crt'))
  return {
    username: readKey(folder, 'username'),
    password: readKey(folder, 'password'),
    ...(ca === null ? {} : { ca }),
  }
}

/** The model's API key, or null where the profile names none. */
export function readModelKey(environment: WorkerEnvironment): string | null {
  if (environment.modelKeyFile === null) return null
  const key = readOptional(environment.modelKeyFile)
  if (key === null || key === '') {
    throw new AmxError('AMX-1016', { secret: 'the Secret of the LLMProfile holds no API key under the key it names' })
  }
  return key
}

/** The files of the ContextSource's Secret by name; empty without one. */
export function readContextSecrets(environment: WorkerEnvironment): Record<string, string> {
  const folder = environment.contextSecretDir
  if (folder === null) return {}
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
  return Object.fromEntries(names.map((name) => [name, readOptional(join(folder, name)) ?? '']))
}

function readKey(folder: string, key: string): string {
  const value = readOptional(join(folder, key))
  if (value === null) {
    throw new AmxError('AMX-1016', { secret: `the Secret of the DatabaseProfile has no key "${key}"` })
  }
  return value
}

function readOptional(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
