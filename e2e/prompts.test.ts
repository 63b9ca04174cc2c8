import { startLlmStub } from '@amx/hack/llm-stub'
import { beforeAll, expect, test } from 'vitest'
import { applyRun, applyStubProfile, condition, openSystem, type System, untilPhase } from './system.ts'

let system: System

beforeAll(() => {
  system = openSystem()
})

/** A table with a comment, and the comment. */
async function documentedTable(): Promise<{ path: string; text: string }> {
  const [row] = await system.warehouse(
    `SELECT n.nspname || '.' || c.relname AS path, obj_description(c.oid, 'pg_class') AS text
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('catalog', 'sales', 'events') AND c.relkind = 'r' AND obj_description(c.oid, 'pg_class') IS NOT NULL
     ORDER BY 1 LIMIT 1`,
  )
  return { path: String(row?.['path']), text: String(row?.['text']) }
}

test('a documented table sets the style, and what the server refuses is asked for by the first run only', async () => {
  const like = await documentedTable()
  const stub = await startLlmStub({ requests: 'Kept', faults: [{ kind: 'response-format-rejected' }] })
  const refused = () => stub.calls().filter(({ status }) => status === 400).length
  try {
    await applyStubProfile(system, 'style-stub', stub.url, { concurrency: 1 })
    const draft = async (instructions: string) => {
      const name = await applyRun(system, {
        include: ['catalog'],
        llmProfile: 'style-stub',
        spec: { generation: { style: { like: like.path }, instructions, confidenceSignal: 'Evidence' } },
      })
      return untilPhase(system, name, 'AwaitingReview', 'Failed')
    }
    const first = await draft('First.')
    expect(first.status?.phase).toBe('AwaitingReview')
    const prompts = stub.calls().map(({ request }) => JSON.stringify(request?.messages))
    for (const prompt of prompts) {
      expect(prompt).toContain('<style>')
      expect(prompt).toContain(JSON.stringify(like.text.slice(0, 60)).slice(1, -1))
    }
    expect(refused()).toBe(1)
    const { high = 0, medium = 0, low = 0, histogram = [] } = first.status?.confidence ?? {}
    expect(histogram).toHaveLength(10)
    expect(histogram.reduce((sum, rows) => sum + rows, 0)).toBe(high + medium + low)
    const rows = await system.results(first.metadata.name)
    expect(rows.flatMap(({ warnings }) => warnings)).toContainEqual(expect.stringContaining('json_schema'))

    await draft('Second.')
    expect(refused()).toBe(1)
  } finally {
    await stub.stop()
  }
})

test('a style table that is not there ends the run with the field and the nearest names', async () => {
  const name = await applyRun(system, {
    include: ['catalog'],
    spec: { generation: { style: { like: 'catalog.no_such_table' } } },
  })
  const run = await untilPhase(system, name, 'AwaitingReview', 'Failed')
  expect(run.status?.phase).toBe('Failed')
  expect(run.status?.lastError?.code).toBe('AMX-1001')
  expect(condition(run, 'Succeeded')?.message).toContain('spec.generation.style.like')
})

test('a column the model never describes is counted as skipped, and automatic acceptance writes nothing for it', async () => {
  const stub = await startLlmStub({ faults: [{ kind: 'missing-columns', count: 1 }] })
  // A table without comments: one that is there would be offered in the place of what the model forgets.
  await system.warehouse(`create table events.forgotten (first_seen date, last_seen date, sightings integer)`)
  try {
    await system.warehouse('grant select on events.forgotten to amx_reader')
    await applyStubProfile(system, 'forgetful-stub', stub.url)
    const name = await applyRun(system, {
      include: ['events.forgotten'],
      llmProfile: 'forgetful-stub',
      // A conversation of its own: a complete reply that another run paid for would be used instead.
      spec: {
        review: { strategy: 'Auto', accept: 'All' },
        generation: { confidenceSignal: 'Evidence', instructions: 'For the forgetful.' },
      },
    })
    const run = await untilPhase(system, name, 'AwaitingReview', 'Succeeded', 'PartiallyApplied', 'Failed')
    const { planned = 0, drafted = 0, skipped = 0, failed = 0 } = run.status?.columns ?? {}
    expect(skipped).toBeGreaterThan(0)
    expect(drafted + skipped).toBe(planned)
    expect(failed).toBe(0)
    const rows = await system.results(name)
    const forgotten = rows.filter(({ skippedReason }) => skippedReason?.includes('produced 0 of 3 requested'))
    expect(forgotten).toHaveLength(skipped)
    for (const row of forgotten) expect(row).toMatchObject({ alternatives: [], state: 'Unreviewed', score: null })
  } finally {
    await system.warehouse('drop table events.forgotten')
    await stub.stop()
  }
})
