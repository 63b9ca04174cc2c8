import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  type AuditRow,
  type ChangeRow,
  isWithin,
  type NewestRow,
  parseAssetPath,
  type ResultPage,
  type ResultRow,
  type RunEvent,
  type RunSummary,
  type VersionRow,
  versionHeader,
} from '@amx/api'

export interface ResultsServer {
  readonly url: string
  /** Bodies that were posted, as text. */
  readonly posted: readonly string[]
  /** Method, path and query of what was asked. */
  readonly asked: readonly string[]
  stop(): Promise<void>
}

export interface ServedRun {
  readonly rows: readonly ResultRow[]
  readonly draftDigest: string
  readonly events?: readonly RunEvent[]
  /** Rows per page, whatever is asked for. */
  readonly pageSize?: number
  /** Versions of any row that is asked for. */
  readonly versions?: readonly VersionRow[]
  /** Runs the server knows, the newest first; by their name with rows and changes of their own. */
  readonly runs?: readonly StoredRun[]
  /** Answers by path, before anything else. */
  readonly answers?: Readonly<Record<string, object>>
  /** What every answer says the server's version is. */
  readonly version?: string
}

export interface StoredRun {
  readonly summary: RunSummary
  readonly rows?: readonly ResultRow[]
  readonly changes?: readonly ChangeRow[]
}

/** Serves the results of one run on this machine, in the wire format of the AMX server; for tests of what commands make of it. */
export async function serveResults(run: ServedRun): Promise<ResultsServer> {
  const asked: string[] = []
  const posted: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (run.version !== undefined) response.setHeader(versionHeader, run.version)
    if (request.method !== 'POST') return respond(run, request, response)
    text(request).then((body) => {
      posted.push(body)
      respond(run, request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked, posted, stop: () => stopped(server) }
}

function respond(run: ServedRun, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const answer = run.answers?.[url.pathname]
  if (answer !== undefined) json(response, 200, answer)
  else if (url.pathname === '/api/v1/version') json(response, 200, { version: '0.1.0', api: 'v1' })
  else if (url.pathname.endsWith('/events')) streamEvents(run, response)
  else if (url.pathname.endsWith('/versions')) json(response, 200, { versions: run.versions ?? [] })
  else if (run.runs !== undefined) respondFromRuns(run, run.runs, url, response)
  else if (url.pathname.endsWith('/results')) json(response, 200, page(run, url.searchParams))
  else notFound(url, response)
}

function respondFromRuns(
  { draftDigest, pageSize = 2 }: ServedRun,
  runs: readonly StoredRun[],
  url: URL,
  response: ServerResponse,
): void {
  const [, name, part] = /\/runs(?:\/([^/]+)(?:\/(\w+))?)?$/.exec(url.pathname) ?? []
  const found = runs.find(({ summary }) => summary.name === name)
  if (url.pathname.endsWith('/runs')) {
    const { items, next } = cut(runs, url.searchParams.get('continue'), pageSize)
    json(response, 200, { runs: items.map(({ summary }) => summary), next })
  } else if (url.pathname.endsWith('/results') && name === undefined) {
    const { items, next } = cut(newestRows(runs, url.searchParams), url.searchParams.get('after'), pageSize)
    json(response, 200, { rows: items, next })
  } else if (url.pathname.endsWith('/changes') && name === undefined) {
    const all = runs.flatMap(auditRows).filter((row) => isWanted(row, url.searchParams))
    all.sort((one, other) => other.appliedAt.localeCompare(one.appliedAt))
    const { items, next } = cut(all, url.searchParams.get('after'), pageSize)
    json(response, 200, { rows: items, next })
  } else if (found === undefined) notFound(url, response)
  else if (part === undefined) json(response, 200, found.summary)
  else if (part === 'changes') {
    const wanted = auditRows(found).filter((row) => isWanted(row, url.searchParams))
    const { items, next } = cut(wanted, url.searchParams.get('after'), pageSize)
    json(response, 200, { rows: items, next })
  } else {
    json(response, 200, page({ rows: found.rows ?? [], draftDigest, pageSize }, url.searchParams))
  }
}

/** Each asset once, as the first run that has drafts and a row of it that matches says. */
function newestRows(runs: readonly StoredRun[], query: URLSearchParams): NewestRow[] {
  const database = query.get('database')
  const found = new Map<string, NewestRow>()
  for (const { summary, rows = [] } of runs) {
    const { uid, name, draftDigest, databaseProfiles } = summary
    if (draftDigest === null) continue
    for (const row of rows) {
      const key = JSON.stringify([row.path, row.target])
      const [only, ...more] = databaseProfiles
      const profile = (more.length === 0 ? only : row.databaseProfile) ?? ''
      const isOf = database === null || profile === database || profile.startsWith(`${database}/`)
      if (isOf && matches(row, query) && !found.has(key)) found.set(key, { ...row, run: { uid, name } })
    }
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
}

function matches(row: ResultRow, query: URLSearchParams): boolean {
  const states = query.getAll('state')
  const outcomes = query.getAll('applyOutcome')
  const within = query.getAll('within').map(parseAssetPath)
  return (
    (states.length === 0 || states.includes(row.state)) &&
    (outcomes.length === 0 || outcomes.includes(row.applyOutcome ?? 'None')) &&
    (within.length === 0 || within.some((asset) => isWithin(parseAssetPath(row.path), asset)))
  )
}

function auditRows({ summary: { uid, name, type }, changes = [] }: StoredRun): AuditRow[] {
  const more = { databaseProfile: 'shop-db', run: { uid, name, type }, undoes: null, undoneBy: null }
  return changes.map((change) => ({ ...more, ...change }))
}

function isWanted({ path, outcome, dryRun }: AuditRow, query: URLSearchParams): boolean {
  const asset = query.get('asset')
  if (asset !== null && !isWithin(parseAssetPath(path), parseAssetPath(asset))) return false
  const outcomes = query.getAll('outcome')
  if (outcomes.length > 0 && !outcomes.includes(outcome)) return false
  return !query.has('dryRun') || String(dryRun) === query.get('dryRun')
}

function cut<Item>(items: readonly Item[], after: string | null, size: number) {
  const from = Number(after ?? 0)
  return { items: items.slice(from, from + size), next: from + size < items.length ? String(from + size) : null }
}

function notFound(url: URL, response: ServerResponse): void {
  const detail = `${url.pathname} does not exist`
  json(response, 404, { title: 'NotFound', status: 404, detail, code: 'AMX-1013', remedy: 'Check the name.' })
}

/** All events at once; then the stream stays open, as the real one does. */
function streamEvents({ events = [] }: ServedRun, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('retry: 2000\n\n: still here\n\n')
  for (const event of events) {
    response.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  }
}

function page({ rows, draftDigest, pageSize = 2 }: ServedRun, query: URLSearchParams): ResultPage {
  const band = query.get('band')
  const search = query.get('search') ?? ''
  const matching = rows.filter(
    (row) => (band === null || row.band === band) && row.path.includes(search) && matches(row, query),
  )
  const from = Number(query.get('after') ?? 0)
  const to = Math.min(from + Math.min(pageSize, Number(query.get('limit') ?? 50)), matching.length)
  return {
    rows: matching.slice(from, to),
    next: to < matching.length ? String(to) : null,
    draftDigest,
    total: matching.length,
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
  response.end(JSON.stringify(body))
}

function stopped(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
