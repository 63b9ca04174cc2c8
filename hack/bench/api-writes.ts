import type { Kubectl } from '../quickstart/index.ts'

const mutating = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE'])
// What a run makes somebody write; heartbeats of nodes and leaders and questions such as TokenReview are not writes of it.
const resources = new Set(['metadataruns', 'reviewdecisions', 'jobs', 'pods', 'events', 'secrets', 'configmaps'])

/** Writes by what is written, such as `PATCH metadataruns/status`. */
export type ApiWrites = ReadonlyMap<string, number>

/** Mutating requests the API server has answered so far, for the resources a run touches. */
export async function countApiWrites(kubectl: Kubectl): Promise<ApiWrites> {
  return sumWrites(await kubectl.run(['get', '--raw', '/metrics']))
}

/** Sums `apiserver_request_total` of the Prometheus text over the writes. Exported for its test. */
export function sumWrites(metrics: string): ApiWrites {
  const sums = new Map<string, number>()
  for (const line of metrics.split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue
    const label = (name: string) => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? ''
    if (!mutating.has(label('verb')) || !resources.has(label('resource'))) continue
    if (!label('code').startsWith('2')) continue
    const what = [label('resource'), label('subresource')].filter((part) => part !== '').join('/')
    const key = `${label('verb')} ${what}`
    sums.set(key, (sums.get(key) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)))
  }
  return sums
}

/** What was written between two counts. */
export function writesBetween(before: ApiWrites, after: ApiWrites): ApiWrites {
  const between = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const)
  return new Map(between.filter(([, count]) => count > 0))
}

/**
 * Writes of the operator itself so far, by its own metric. It renews its lease with PUT and writes everything else with other
 * methods, so a run's share can be told from that.
 */
export async function countOperatorWrites(healthPort: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${healthPort}/metrics`, { signal: AbortSignal.timeout(5_000) })
  return sumOperatorWrites(await response.text())
}

/** Sums `rest_client_requests_total` over POST, PATCH and DELETE. Exported for its test. */
export function sumOperatorWrites(metrics: string): number {
  let sum = 0
  for (const line of metrics.split('\n'))
    if (/^rest_client_requests_total\{.*method="(POST|PATCH|DELETE)"/.test(line))
      sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  return sum
}
