import { join } from 'node:path'
import {
  AmxError,
  type ProfileFinding,
  type ProfileTestAssignment,
  type ProfileTestSettings,
  type TestCall,
  toAmxError,
  workerExitCodes,
} from '@amx/api'
import { readCredentials, readModelKey, type WorkerEnvironment } from './environment.ts'
import { missingSecret } from './missing-secret.ts'
import { beginSingleTask } from './single-task.ts'

// Longer than a connection, a statement and two calls of a model may take together.
const patienceMs = 100_000
const reportMs = 60_000

/**
 * Tests one credential of a profile and gives the exit code. What is wrong with the profile is told to the server and is no failure
 * of the Job; only where the server cannot be told, it fails.
 */
export async function runTest(
  environment: WorkerEnvironment,
  env: NodeJS.ProcessEnv,
  draining: AbortSignal,
): Promise<number> {
  const { logger, server, end } = beginSingleTask('test', environment, env)
  const calls: TestCall[] = []

  const figures = () => ({ done: 1, calls: calls.length })

  try {
    const assignment = await server.testAssignment(draining)
    const { kind, namespace, name } = assignment.profile
    logger.info({ kind, namespace, name, part: assignment.settings.part }, 'the test begins')
    const limit = AbortSignal.any([draining, AbortSignal.timeout(patienceMs)])
    const outcome = await tried(assignment, environment, calls, limit)
    draining.throwIfAborted()
    if (outcome.error !== null) logger.info({ code: outcome.error.code }, outcome.error.message)
    // What was asked of a model is paid for, whoever is stopped meanwhile.
    await server.reportTest(
      { finding: outcome.finding, error: outcome.error?.report() ?? null, calls },
      AbortSignal.timeout(reportMs),
    )
    end('Done', outcome.error, figures())
    return workerExitCodes.done
  } catch (thrown) {
    if (draining.aborted) {
      end('Stopped', null, figures())
      return workerExitCodes.interrupted
    }
    const error = toAmxError(thrown)
    logger.error({ err: thrown, code: error.code }, error.message)
    end('Failed', error, figures())
    return workerExitCodes.retryable
  }
}

type Outcome =
  | { readonly finding: ProfileFinding; readonly error: null }
  | { readonly finding: null; readonly error: AmxError }

async function tried(
  { profile, settings }: ProfileTestAssignment,
  environment: WorkerEnvironment,
  calls: TestCall[],
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const absent = missingSecret(environment.secrets, (file) => pathOf(environment, settings, file))
    if (absent !== null) return { finding: null, error: absent }
    const name = `amx test ${profile.namespace}/${profile.name}`
    return { finding: await find(settings, environment, name, calls, signal), error: null }
  } catch (thrown) {
    if (!signal.aborted) return { finding: null, error: toAmxError(thrown) }
    const seconds = `${patienceMs / 1_000} s`
    return { finding: null, error: new AmxError('AMX-1097', { time: seconds }, { cause: thrown }) }
  }
}

/** Loads only the libraries of what is tested. */
async function find(
  settings: ProfileTestSettings,
  environment: WorkerEnvironment,
  applicationName: string,
  calls: TestCall[],
  signal: AbortSignal,
): Promise<ProfileFinding> {
  if (settings.part === 'Model') {
    const { tryModel } = await import('@amx/drafting')
    const apiKey = readModelKey(environment)
    return tryModel({ model: settings.model, ...(apiKey !== null && { apiKey }) }, ledgerInto(calls), signal)
  }
  const { tryReader, tryWriter } = await import('@amx/warehouse')
  const options = { settings, credentials: readCredentials(environment, 0), applicationName }
  return settings.part === 'Reader' ? tryReader(options, signal) : tryWriter(options, signal)
}

function pathOf(environment: WorkerEnvironment, { part }: ProfileTestSettings, file: string): string {
  return part === 'Model' ? (environment.modelKeyFile ?? file) : join(environment.credentialsDir, '0', file)
}

/** A ledger that keeps what was called, for the report. */
function ledgerInto(calls: TestCall[]) {
  const begun = new Map<string, Omit<TestCall, 'outcome'>>()
  return {
    async begin({ callId, purpose, provider, model }: Omit<TestCall, 'outcome'>) {
      begun.set(callId, { callId, purpose, provider, model })
      return { cachedReply: null }
    },
    async end(callId: string, outcome: TestCall['outcome']) {
      const call = begun.get(callId)
      if (call !== undefined) calls.push({ ...call, outcome: { ...outcome, reply: null } })
    },
  }
}
