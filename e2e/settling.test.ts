import { startLlmStub } from '@amx/hack/llm-stub'
import { beforeAll, expect, test } from 'vitest'
import {
  applyRun,
  applyStubProfile,
  condition,
  namespace,
  openSystem,
  type System,
  untilPhase,
  untilRun,
} from './system.ts'

let system: System

beforeAll(() => {
  system = openSystem()
})

const kinds = ['Table', 'View', 'MaterializedView', 'ForeignTable', 'Schema', 'Database']

/** What PostgreSQL itself says of the schemas and the database. */
async function readContainers(): Promise<Record<string, unknown>> {
  const rows = await system.warehouse(
    `SELECT n.nspname AS name, obj_description(n.oid, 'pg_namespace') AS text FROM pg_namespace n
     WHERE n.nspname IN ('catalog', 'sales', 'events')
     UNION ALL SELECT '*', shobj_description(d.oid, 'pg_database') FROM pg_database d WHERE d.datname = current_database()`,
  )
  return Object.fromEntries(rows.map(({ name, text }) => [name, text]))
}

test('schemas and the database are described after their tables, written, and read back from PostgreSQL', async () => {
  // Only its owner may write a comment on a database.
  await system.warehouse('ALTER DATABASE amx_demo OWNER TO amx_owner')
  const name = await applyRun(system, {
    scope: { kinds },
    spec: { review: { strategy: 'Auto', accept: 'All' }, apply: { policy: 'OnAccept', existing: 'Keep' } },
  })
  // Assets that had a comment before wait for a person; what was accepted is written meanwhile.
  const run = await untilRun(
    system,
    name,
    ({ status }) => status?.phase === 'Failed' || ((status?.apply?.applied ?? 0) > 0 && status?.review?.queued === 0),
  )
  expect(run.status?.apply).toMatchObject({ failed: 0, refused: 0 })
  const rows = (await system.results(name)).filter(({ kind }) => kind === 'Schema' || kind === 'Database')
  expect(rows.map(({ path }) => path).sort()).toEqual(expect.arrayContaining(['*', 'catalog', 'events', 'sales']))
  const written = rows.filter(({ state }) => state === 'Accepted')
  expect(written.map(({ applyOutcome }) => applyOutcome)).toEqual(written.map(() => 'Applied'))
  const live = await readContainers()
  for (const row of written) expect(live[row.path], row.path).toBe(row.chosenText)
  expect(live['*']).toMatch(/schemas/)

  const audit = (await system.changes(name)).filter(({ kind }) => kind === 'Schema' || kind === 'Database')
  expect(audit.map(({ path, statement }) => [path, statement]).sort()).toEqual(
    expect.arrayContaining([
      ['*', 'COMMENT ON DATABASE "amx_demo" IS $1'],
      ['events', 'COMMENT ON SCHEMA "events" IS $1'],
    ]),
  )

  // What is documented now is left alone, each asset by itself.
  const again = await applyRun(system, { scope: { kinds: ['Schema', 'Database'], missingOnly: true } })
  const idle = await untilPhase(system, again, 'AwaitingReview', 'Succeeded', 'Failed')
  expect(condition(idle, 'Succeeded')).toMatchObject({ status: 'True', reason: 'NothingToDo' })
  const reasons = await system.results(again)
  expect(reasons.filter(({ path }) => path in live).map(({ skippedReason }) => skippedReason)).toEqual(
    Object.keys(live).map(() => 'has a comment'),
  )
})

test('a model is asked once for each schema and once for the database, after all their tables', async () => {
  const stub = await startLlmStub()
  try {
    await applyStubProfile(system, 'settling-stub', stub.url)
    const name = await applyRun(system, {
      scope: { include: ['catalog', 'events'], kinds: ['Table', 'Schema'] },
      llmProfile: 'settling-stub',
    })
    const run = await untilPhase(system, name, 'AwaitingReview', 'Failed')
    expect(run.status?.phase).toBe('AwaitingReview')
    const asked = stub.calls().map(({ table }) => table)
    expect(asked.filter((table) => !table.includes('.')).sort()).toEqual(['catalog', 'events'])
    expect(run.status?.cost?.calls).toBe(asked.length)
    const rows = (await system.results(name)).filter(({ kind }) => kind === 'Schema')
    expect(rows.map(({ path, alternatives }) => [path, alternatives.length]).sort()).toEqual([
      ['catalog', 3],
      ['events', 3],
    ])
    // The schema's evidence is what was drafted for its tables a moment before.
    expect(rows.find(({ path }) => path === 'catalog')?.evidence).toMatch(/catalog\.product \(table\): "/)
  } finally {
    await stub.stop()
    await system.kubectl.run(['delete', 'llmprofile', 'settling-stub', '-n', namespace, '--ignore-not-found'])
  }
})
