import {
  AmxError,
  type ErrorReport,
  type EstimateAnswer,
  type EstimateRequest,
  isErrorCode,
  type PriceList,
  type RunEvent,
  type RunSummary,
  type ServerVersion,
  type UsageReport,
  type UsageUnit,
  type VersionList,
  versionHeader,
} from '@amx/api'
import { createParser } from 'eventsource-parser'
import { type AuditCalls, auditCalls } from './audit-calls.ts'
import { type CatalogCalls, catalogCalls } from './catalog-calls.ts'
import { type DiagnosticsCalls, diagnosticsCalls } from './diagnostics-calls.ts'
import { type HistoryCalls, historyCalls } from './history-calls.ts'
import { bodyText, type HttpAnswer, httpCall } from './http-call.ts'
import type { Identity } from './identity.ts'
import { type ResultCalls, resultCalls } from './result-calls.ts'
import { noAnswerFrom, parseServerUrl, proxyAgent, type ServerPlace, serverSecurity } from './server-security.ts'

export interface UsageQuery {
  readonly window: string
  readonly by: UsageUnit
  /** Whether the same at the prices of now is asked for. */
  readonly today: 'true' | 'false'
}

/** The AMX server as the caller sees it. Calls throw the server's own error, or AMX-4006 when it does not answer. */
export interface ServerClient extends AuditCalls, CatalogCalls, DiagnosticsCalls, HistoryCalls, ResultCalls {
  readonly url: string
  /** How the server was found, in words. */
  readonly found: string
  version(): Promise<ServerVersion>
  /** A run by its name; of several that had it, the newest. Also when its object was deleted since. */
  run(namespace: string, name: string): Promise<RunSummary>
  /** All versions of a row of a run, the first one first. */
  versions(namespace: string, run: string, row: { readonly uid: string; readonly rowId: string }): Promise<VersionList>
  /** Calls, tokens and cost of a time; null as namespace: of every namespace. */
  usage(namespace: string | null, query: UsageQuery): Promise<UsageReport>
  prices(): Promise<PriceList>
  /** What a run would take, before it runs. */
  estimate(namespace: string, request: EstimateRequest): Promise<EstimateAnswer>
  /** Events of a run from its beginning, until the connection or the signal ends. */
  events(namespace: string, run: string, signal: AbortSignal): AsyncGenerator<RunEvent>
}

const eventIdleMs = 45_000

export interface ServerClientOptions {
  readonly place: ServerPlace
  readonly identity: Pick<Identity, 'security' | 'impersonation'>
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** A proxy to go through. */
  readonly proxy?: string | undefined
  /** Told the version that an answer of the server carries. */
  readonly onVersion?: (version: string) => void
}

/** A client of the server, signed in as the kubeconfig's user. Throws AMX-1014 for an address it must not be used with. */
export function createServerClient({
  place,
  identity,
  timeoutMs,
  signal,
  proxy,
  onVersion,
}: ServerClientOptions): ServerClient {
  const base = parseServerUrl(place.url)
  const security = {
    ...serverSecurity(base, place.servername, identity),
    ...(proxy !== undefined && { agent: proxyAgent(base, proxy) }),
  }

  async function call(
    method: 'GET' | 'POST',
    path: string,
    rest: { signal: AbortSignal; idleMs: number; headers?: Record<string, string>; body?: string },
  ) {
    const headers = { ...identity.impersonation, ...rest.headers }
    const url = new URL(path, base)
    const answer = await httpCall({ method, url, security, ...rest, headers }).catch((error: unknown) => {
      throw signal.aborted ? error : noAnswerFrom(base, error, place.problem?.())
    })
    const version = answer.stream.headers[versionHeader.toLowerCase()]
    if (typeof version === 'string') onVersion?.(version)
    if (answer.status < 400) return answer
    throw problem(answer, await bodyText(answer.stream), base)
  }

  async function read<Answer>(path: string): Promise<Answer> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const answer = await call('GET', path, { signal: bounded, idleMs: timeoutMs })
    return JSON.parse(await bodyText(answer.stream)) as Answer
  }

  async function ask<Answer>(path: string, body: object): Promise<Answer> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const headers = { 'content-type': 'application/json' }
    const sent = { signal: bounded, idleMs: timeoutMs, headers, body: JSON.stringify(body) }
    const answer = await call('POST', path, sent)
    return JSON.parse(await bodyText(answer.stream)) as Answer
  }

  const runPath = (namespace: string, run: string) =>
    `api/v1/namespaces/${encodeURIComponent(namespace)}/runs/${encodeURIComponent(run)}`

  return {
    url: base.href,
    found: place.found,
    version: () => read('api/v1/version'),
    run: (namespace, name) => read(runPath(namespace, name)),
    ...auditCalls(read),
    ...catalogCalls(read),
    ...historyCalls(read),
    ...resultCalls(read),
    ...diagnosticsCalls(read, ask),
    versions(namespace, run, { uid, rowId }) {
      const parameters = new URLSearchParams({ uid })
      return read(`${runPath(namespace, run)}/results/${encodeURIComponent(rowId)}/versions?${parameters}`)
    },
    usage(namespace, query) {
      const place = namespace === null ? '' : `namespaces/${encodeURIComponent(namespace)}/`
      return read(`api/v1/${place}usage?${new URLSearchParams({ ...query })}`)
    },
    prices: () => read('api/v1/prices'),
    estimate: (namespace, request) => ask(`api/v1/namespaces/${encodeURIComponent(namespace)}/estimate`, request),
    async *events(namespace, run, eventsSignal) {
      const bounded = AbortSignal.any([signal, eventsSignal])
      const { stream } = await call('GET', `${runPath(namespace, run)}/events`, {
        signal: bounded,
        idleMs: eventIdleMs,
        headers: { accept: 'text/event-stream' },
      })
      const pending: RunEvent[] = []
      const parser = createParser({ onEvent: ({ data }) => pending.push(JSON.parse(data) as RunEvent) })
      stream.setEncoding('utf8')
      for await (const chunk of stream) {
        parser.feed(chunk)
        yield* pending.splice(0)
      }
    },
  }
}

function problem(answer: HttpAnswer, body: string, base: URL): AmxError {
  const { code, detail, title, remedy } = parseProblem(body)
  const words = detail ?? title ?? `${base.origin} answered ${answer.status}`
  if (code !== undefined && isErrorCode(code)) {
    return AmxError.fromReport({ code, message: words, remedy: remedy ?? '' } satisfies ErrorReport)
  }
  return new AmxError('AMX-4006', { detail: words })
}

function parseProblem(body: string): { code?: string; detail?: string; title?: string; remedy?: string } {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}
