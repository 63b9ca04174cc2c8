import { expect, test } from 'vitest'
import { sumOperatorWrites, sumWrites, writesBetween } from './api-writes.ts'

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
  const writes = sumWrites(metrics)
  expect(Object.fromEntries(writes)).toEqual({ 'POST jobs': 3, 'PATCH metadataruns': 7 })
  expect(Object.fromEntries(writesBetween(new Map([['POST jobs', 3]]), writes))).toEqual({ 'PATCH metadataruns': 7 })
})

test("counts the operator's own writes without those of its lease", () => {
  const line = (method: string, count: number) =>
    `rest_client_requests_total{code="200",method="${method}",host="127.0.0.1:1"} ${count}`
  expect(sumOperatorWrites([line('PATCH', 7), line('POST', 2), line('PUT', 90), line('GET', 4)].join('\n'))).toBe(9)
})
