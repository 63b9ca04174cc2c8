import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Accepted,
  AmxError,
  type ApplyResults,
  type ApplyResultsTaken,
  type Assignment,
  type CallIntent,
  type CallOutcome,
  type CallPermit,
  type CallRetry,
  type CatalogPage,
  type ClaimRequest,
  type ClaimResponse,
  type ContextAssignment,
  type ContextDocuments,
  type ContextFailure,
  type ContextFinish,
  type ContextSearchRequest,
  type ContextSearchResponse,
  type FailReport,
  type HeartbeatRequest,
  type HeartbeatResponse,
  isErrorCode,
  type LogLines,
  type OpenProviderBatches,
  type ProfileTestAssignment,
  type ProfileTestReport,
  type ProviderBatchIntent,
  type ProviderBatchUpdate,
  type RetryPermit,
  type RouteMemory,
  type StyleAnswer,
  type TableProfile,
  type UnitResult,
} from '@amx/api'
import { openExchange } from './exchange-text.ts'

/** The worker's half of `/worker/v1`. Calls are tried again until the server answers or `patienceMs` is over. */
export interface ServerClient {
  assignment(signal: AbortSignal): Promise<Assignment>
  claim(request: ClaimRequest, signal: AbortSignal): Promise<ClaimResponse>
  heartbeat(request: HeartbeatRequest, signal: AbortSignal): Promise<HeartbeatResponse>
  postCatalogPage(page: CatalogPage, signal: AbortSignal): Promise<Accepted>
  postResult(result: UnitResult, signal: AbortSignal): Promise<Accepted>
  postApplyResults(results: ApplyResults, signal: AbortSignal): Promise<ApplyResultsTaken>
  tableProfile(tableId: string, signal: AbortSignal): Promise<TableProfile>
  style(signal: AbortSignal): Promise<StyleAnswer>
  searchContext(request: ContextSearchRequest, signal: AbortSignal): Promise<ContextSearchResponse>
  postRouteMemory(memory: RouteMemory, signal: AbortSignal): Promise<Accepted>
  beginCall(intent: CallIntent, signal: AbortSignal): Promise<CallPermit>
  endCall(callId: string, outcome: CallOutcome, signal: AbortSignal): Promise<Accepted>
  retryCall(callId: string, retry: CallRetry, signal: AbortSignal): Promise<RetryPermit>
  openBatches(signal: AbortSignal): Promise<OpenProviderBatches>
  postBatchIntent(intent: ProviderBatchIntent, signal: AbortSignal): Promise<Accepted>
  postBatchUpdate(batchId: string, update: ProviderBatchUpdate, signal: AbortSignal): Promise<Accepted>
  fail(report: FailReport, signal: AbortSignal): Promise<Accepted>
  postLogs(lines: LogLines, signal: AbortSignal): Promise<Accepted>
}

/** What an index pod says besides. */
export interface IndexClient {
  contextAssignment(signal: AbortSignal): Promise<ContextAssignment>
  postContextDocuments(documents: ContextDocuments, signal: AbortSignal): Promise<Accepted>
  finishContext(finish: ContextFinish, signal: AbortSignal): Promise<Accepted>
  failContext(failure: ContextFailure, signal: AbortSignal): Promise<Accepted>
}

/** What a test pod says. */
export interface TestClient {
  testAssignment(signal: AbortSignal): Promise<ProfileTestAssignment>
  reportTest(report: ProfileTestReport, signal: AbortSignal): Promise<Accepted>
}

export interface ServerClientOptions {
  readonly serverUrl: string
  readonly tokenFile: string
  /** Time limit of one try, beside the wait a claim asks for. @default 20000 */
  readonly tryTimeoutMs?: number
  /** How long a call is tried again while the server or its store is away. @default 300000 */
  readonly patienceMs?: number
  /** Hears of every try that failed and is repeated. */
  readonly onRetry?: (retry: { readonly path: string; readonly tries: number; readonly fault: string }) => void
}

/** Every request of the protocol is safe to repeat, so all of them are repeated on faults that pass. */
export function createServerClient(options: ServerClientOptions): ServerClient & IndexClient & TestClient {
  const tryTimeoutMs = options.tryTimeoutMs ?? 20_000
  const patienceMs = options.patienceMs ?? 300_000
  const exchange = openExchange()

  async function once<Answer>(method: string, path: string, body: unknown, timeoutMs: number, signal: AbortSignal) {
    // The kubelet renews the token in place, so the file is read each time.
    const token = readFileSync(options.tokenFile, 'utf8').trim()
    const { status, headers, text } = await exchange.send(
      {
        method,
        url: `${options.serverUrl}${path}`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      },
      AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    )
    if (status >= 200 && status < 300) return JSON.parse(text) as Answer
    throw new AnswerError(status, text, Number(headers['retry-after'] ?? Number.NaN))
  }

  async function call<Answer>(method: string, path: string, body: unknown, signal: AbortSignal, extraMs = 0) {
    const giveUpAt = Date.now() + patienceMs
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted()
      try {
        return await once<Answer>(method, path, body, tryTimeoutMs + extraMs, signal)
      } catch (error) {
        signal.throwIfAborted()
        const waitMs = retryDelayMs(error, tries)
        if (waitMs === null) throw error instanceof AnswerError ? error.toAmxError() : error
        if (Date.now() + waitMs > giveUpAt)
          throw new AmxError('AMX-4006', { detail: describe(error) }, { cause: error })
        options.onRetry?.({ path, tries: tries + 1, fault: describe(error) })
        await delay(waitMs, undefined, { signal })
      }
    }
  }

  const prefix = '/worker/v1'
  return {
    assignment: (signal) => call('GET', `${prefix}/assignment`, undefined, signal),
    claim: (request, signal) => call('POST', `${prefix}/claim`, request, signal, request.waitMs),
    heartbeat: (request, signal) => call('POST', `${prefix}/heartbeat`, request, signal),
    postCatalogPage: (page, signal) => call('POST', `${prefix}/catalog`, page, signal),
    postResult: (result, signal) => call('POST', `${prefix}/results`, result, signal),
    postApplyResults: (results, signal) => call('POST', `${prefix}/results/tables`, results, signal),
    tableProfile: (id, signal) => call('GET', `${prefix}/tables/${encodeURIComponent(id)}`, undefined, signal),
    style: (signal) => call('GET', `${prefix}/style`, undefined, signal),
    searchContext: (request, signal) => call('POST', `${prefix}/context/search`, request, signal),
    postRouteMemory: (memory, signal) => call('POST', `${prefix}/route-memory`, memory, signal),
    beginCall: (intent, signal) => call('POST', `${prefix}/calls`, intent, signal),
    endCall: (id, outcome, signal) => call('POST', `${prefix}/calls/${encodeURIComponent(id)}`, outcome, signal),
    retryCall: (id, retry, signal) => call('POST', `${prefix}/calls/${encodeURIComponent(id)}/retries`, retry, signal),
    openBatches: (signal) => call('GET', `${prefix}/batches`, undefined, signal),
    postBatchIntent: (intent, signal) => call('POST', `${prefix}/batches`, intent, signal),
    postBatchUpdate: (id, update, signal) =>
      call('POST', `${prefix}/batches/${encodeURIComponent(id)}`, update, signal),
    fail: (report, signal) => call('POST', `${prefix}/fail`, report, signal),
    postLogs: (lines, signal) => call('POST', `${prefix}/logs`, lines, signal),
    testAssignment: (signal) => call('GET', `${prefix}/test/assignment`, undefined, signal),
    reportTest: (report, signal) => call('POST', `${prefix}/test/report`, report, signal),
    contextAssignment: (signal) => call('GET', `${prefix}/context/assignment`, undefined, signal),
    postContextDocuments: (documents, signal) => call('POST', `${prefix}/context/documents`, documents, signal),
    finishContext: (finish, signal) => call('POST', `${prefix}/context/finish`, finish, signal),
    failContext: (failure, signal) => call('POST', `${prefix}/context/fail`, failure, signal),
  }
}

/** An answer of the server that is not a success, before it is known whether to try again. */
class AnswerError extends Error {
  override readonly name = 'AnswerError'
  readonly status: number
  readonly body: string
  readonly retryAfterSeconds: number

  constructor(status: number, body: string, retryAfterSeconds: number) {
    super(`HTTP ${status}: ${body.slice(0, 300)}`)
    this.status = status
    this.body = body
    this.retryAfterSeconds = retryAfterSeconds
  }

  toAmxError(): AmxError {
    const problem = parseProblem(this.body)
    if (problem === null) return new AmxError('AMX-4006', { detail: this.message }, { cause: this })
    return AmxError.fromReport(problem)
  }
}

function parseProblem(body: string) {
  try {
    const problem: unknown = JSON.parse(body)
    if (typeof problem !== 'object' || problem === null || !('code' in problem) || !('detail' in problem)) return null
    const { code, detail } = problem
    if (typeof code !== 'string' || typeof detail !== 'string' || !isErrorCode(code)) return null
    const remedy = 'remedy' in problem && typeof problem.remedy === 'string' ? problem.remedy : ''
    return { code, message: detail, remedy }
  } catch {
    return null
  }
}

/** Milliseconds to wait before the next try, or null when trying again cannot help. Exported for its table test. */
export function retryDelayMs(error: unknown, tries: number): number | null {
  const backoffMs = Math.min(5_000, 200 * 2 ** tries) * (0.5 + Math.random() / 2)
  if (!(error instanceof AnswerError)) return backoffMs
  // A token can be refused for a moment while it is renewed or while the API server restarts.
  if (error.status === 401) return tries < 5 ? backoffMs : null
  if (error.status !== 429 && error.status < 500) return null
  if (error.status === 501) return null
  return Number.isFinite(error.retryAfterSeconds) ? Math.min(60_000, error.retryAfterSeconds * 1_000) : backoffMs
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
