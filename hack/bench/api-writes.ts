import type { Kubectl } from '../quickstart/index.ts'

const mutating = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE'])
// What a run makes somebody write; heartbeats of nodes and leaders and questions such as TokenReview are not writes of it.
const resources = new Set(['metadataruns', 'reviewdecisions', 'jobs', 'pods', 'events', 'secrets', 'configmaps'])

/** Mutating requests the API server has answered so far, for the resources a run touches. */
export async function countApiWrites(kubectl: Kubectl): Promise<number> {
  return sumWrites(await kubectl.run(['get', '--raw', '/metrics']))
}

/** Sums `apiserver_request_total` of the Prometheus text over the writes. Exported for its test. */
export function sumWrites(metrics: string): number {
  let sum = 0
  for (const line of metrics.split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue
    const label = (name: string) => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? ''
    if (!mutating.has(label('verb')) || !resources.has(label('resource'))) continue
    if (!label('code').startsWith('2')) continue
    sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return sum
}
