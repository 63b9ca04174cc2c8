import { expect, test } from 'vitest'
import { sumWrites } from './api-writes.ts'

test('counts writes of what a run touches, and nothing else', () => {
  const line = (verb: string, resource: string, code: string, count: number) =>
    `apiserver_request_total{code="${code}",component="apiserver",dry_run="",group="",resource="${resource}",scope="resource",subresource="",verb="${verb}",version="v1"} ${count}`
  const metrics = [
    line('POST', 'jobs', '201', 3),
    line('PATCH', 'metadataruns', '200', 7),
    line('GET', 'jobs', '200', 100),
    line('PUT', 'leases', '200', 500),
    line('POST', 'tokenreviews', '201', 40),
    line('POST', 'jobs', '409', 9),
  ].join('\n')
  expect(sumWrites(metrics)).toBe(10)
})
