import { type LogLine, lineBytes } from './container-log.ts'

/** Which part of a log somebody asks for: the parameters of the kubelet's `/containerLogs`. */
export interface LogQuery {
  follow: 'yes' | 'no'
  run: 'current' | 'previous'
  timestamps: 'yes' | 'no'
  stream: 'all' | 'stdout' | 'stderr'
  tailLines?: number
  sinceMs?: number
  limitBytes?: number
}

/** Reads the parameters of a request. Throws RangeError for a number that is none. */
export function parseLogQuery(params: URLSearchParams, nowMs: number): LogQuery {
  const tailLines = wholeNumber(params, 'tailLines')
  const limitBytes = wholeNumber(params, 'limitBytes')
  const sinceSeconds = wholeNumber(params, 'sinceSeconds')
  const sinceTime = params.get('sinceTime')
  const sinceMs = sinceSeconds === undefined ? Date.parse(sinceTime ?? '') : nowMs - sinceSeconds * 1_000
  const stream = params.get('stream')?.toLowerCase()
  return {
    follow: params.get('follow') === 'true' ? 'yes' : 'no',
    run: params.get('previous') === 'true' ? 'previous' : 'current',
    timestamps: params.get('timestamps') === 'true' ? 'yes' : 'no',
    stream: stream === 'stdout' || stream === 'stderr' ? stream : 'all',
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(Number.isNaN(sinceMs) ? {} : { sinceMs }),
  }
}

function wholeNumber(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name)
  if (text === null || text === '') return undefined
  if (!/^\d+$/.test(text)) throw new RangeError(`${name} is not a whole number`)
  return Number(text)
}

/** The lines of a log that the query wants, before any limit in bytes. */
export function selectLines(lines: readonly LogLine[], query: LogQuery): LogLine[] {
  const wanted = lines.filter((line) => wants(query, line))
  if (query.tailLines === undefined) return wanted
  return query.tailLines === 0 ? [] : wanted.slice(-query.tailLines)
}

/** Whether a line is of the stream and the time that the query wants. */
export function wants(query: LogQuery, line: LogLine): boolean {
  if (query.stream !== 'all' && line.stream !== query.stream) return false
  return query.sinceMs === undefined || Date.parse(line.time) >= query.sinceMs
}

/** A line as it is sent. */
export function shownLine(query: LogQuery, line: LogLine): Buffer {
  if (query.timestamps === 'no') return lineBytes(line)
  return Buffer.concat([Buffer.from(`${line.time} `), lineBytes(line)])
}
