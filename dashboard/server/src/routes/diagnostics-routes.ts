import { setTimeout as delay } from 'node:timers/promises'
import { AmxError, type Diagnostics, type LogPage, logLevels, type RunSummary, stages, toAmxError } from '@amx/api'
import type { LogQuery, ServerStore } from '@amx/store'
import { Router } from 'express'
import type { CallerAuthority } from '../auth/caller.ts'
import { queryChoice, queryLimit, queryText } from '../http/query.ts'
import { requestSignal } from '../http/request-signal.ts'
import { findRun, given, type Permitted, readResults, type Visit } from './permitted.ts'

export interface DiagnosticsRouteOptions {
  readonly store: () => ServerStore
  readonly authority: CallerAuthority
  readonly stopping: AbortSignal
  readonly version: string
}

/** How the server and its store fare, and what the pods of a run wrote. */
export function diagnosticsRoutes(options: DiagnosticsRouteOptions, permitted: Permitted): Router {
  const { authority, stopping, store, version } = options
  const router = Router()
  router.get('/diagnostics', async (request, response) => {
    const signal = requestSignal(response, stopping)
    await authority.authenticate(request)
    response.json({ version, store: await storeState(store, signal) } satisfies Diagnostics)
  })
  router.get(
    '/namespaces/:namespace/runs/:name/logs',
    permitted(readResults, (visit) => logsOf(store(), visit)),
  )
  return router
}

async function storeState(store: () => ServerStore, signal: AbortSignal): Promise<Diagnostics['store']> {
  try {
    return await store().readState(signal)
  } catch (error) {
    signal.throwIfAborted()
    return { error: toAmxError(error).message }
  }
}

const longestWaitMs = 25_000
const lookAgainMs = 1_000
const over = ['Succeeded', 'PartiallyApplied', 'Failed', 'Cancelled']

/** A page of lines; with `wait`, it is answered when there is a line, the run is over, or so many seconds have gone by. */
async function logsOf(store: ServerStore, visit: Visit): Promise<LogPage> {
  const { request, signal } = visit
  let run = await findRun(store, visit)
  const query: LogQuery = {
    limit: queryLimit(request, { usual: 500, most: 2_000 }),
    ...given('after', queryText(request, 'after')),
    ...given('stage', queryChoice(request, 'stage', stages)),
    ...given('level', queryChoice(request, 'level', logLevels)),
    ...given('since', time(queryText(request, 'since'))),
  }
  const waitUntil = Date.now() + waitMs(queryText(request, 'wait'))
  for (;;) {
    const finished = isOver(run)
    const page = await store.listLogs(run.uid, query, signal)
    if (page.lines.length > 0 || finished || Date.now() + lookAgainMs > waitUntil) return { ...page, finished }
    await delay(lookAgainMs, undefined, { signal })
    run = (await store.findRun(visit.namespace, run.name, run.uid, signal)) ?? run
  }
}

function isOver({ phase }: RunSummary): boolean {
  return over.includes(phase)
}

function time(text: string | undefined): string | undefined {
  if (text === undefined || !Number.isNaN(Date.parse(text))) return text
  throw new AmxError('AMX-1014', { problem: `query parameter "since" must be a time such as 2026-11-21T08:00:00Z` })
}

function waitMs(text: string | undefined): number {
  if (text === undefined) return 0
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 0) return Math.min(longestWaitMs, seconds * 1_000)
  throw new AmxError('AMX-1014', { problem: 'query parameter "wait" must be a number of seconds' })
}
