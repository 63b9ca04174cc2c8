import type { ContainerBrief, GenerationSettings } from '@amx/api'
import { expect, test } from 'vitest'
import { createDrafter } from '../create-drafter.ts'
import { recordedLedger } from '../testing/recorded-ledger.ts'
import { type StubAnswer, startRouteStub } from '../testing/route-stub.ts'
import { generationSettings, modelSettings } from '../testing/table-profile-fixture.ts'

const brief: ContainerBrief = {
  path: 'sales',
  kind: 'Schema',
  name: 'sales',
  comment: null,
  members: [{ path: 'sales.customer', kind: 'Table', text: 'People who buy.', origin: 'drafted', tables: 0 }],
  memberCount: 1,
  describedCount: 1,
}

function reply(...texts: readonly string[]): StubAnswer {
  const content = JSON.stringify({ table: { alternatives: texts, reasoning: 'The tables.' }, columns: [] })
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }
  return { body: { id: 'x', choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }], usage } }
}

async function describeWith(
  generation: Partial<GenerationSettings>,
  subject: ContainerBrief,
  ...answers: readonly StubAnswer[]
) {
  await using stub = await startRouteStub(...answers)
  const limits = { concurrency: 2, timeoutMs: 2_000, retries: 0 }
  const drafter = createDrafter({ model: modelSettings({ baseURL: stub.url, limits }), apiKey: 'key' })
  const ledger = recordedLedger()
  const result = await drafter.describeContainer(
    { brief: subject, generation: generationSettings(generation) },
    ledger,
    new AbortController().signal,
  )
  await drafter.close()
  return { ...result, purposes: ledger.calls.map(({ intent }) => intent.purpose), ledger }
}

test('a schema takes one call of its own purpose, accounted for like any other', async () => {
  const { row, calls, purposes, ledger } = await describeWith(
    { alternatives: 2 },
    brief,
    reply('Customers and what they buy.', 'Sales to customers.'),
  )
  expect(purposes).toEqual(['schema'])
  expect(calls).toBe(1)
  expect(ledger.calls[0]?.outcome).toMatchObject({
    outcome: 'Succeeded',
    usage: { inputTokens: 100, outputTokens: 20 },
  })
  expect(row).toMatchObject({ path: 'sales', kind: 'Schema', reasoning: 'The tables.', signal: 'Evidence' })
  expect(row.alternatives).toMatchObject([{ text: 'Customers and what they buy.' }, { text: 'Sales to customers.' }])
  expect(row.callIds).toHaveLength(1)
  expect(row.evidence).toContain('"People who buy."')
})

test('a database is asked for as one', async () => {
  const { purposes } = await describeWith(
    { alternatives: 1 },
    { ...brief, path: '*', kind: 'Database', name: 'shop' },
    reply('All of the shop.'),
  )
  expect(purposes).toEqual(['database'])
})

test('too few alternatives are asked for once more, then filled up with placeholders that nobody can accept', async () => {
  const { row, purposes } = await describeWith({ alternatives: 3 }, brief, reply('One.'), reply('One.', 'Two.'))
  expect(purposes).toEqual(['schema', 'continuation'])
  expect(row.alternatives.map(({ text, fallback }) => (fallback ? 'placeholder' : text))).toEqual([
    'One.',
    'Two.',
    'placeholder',
  ])
  expect(row.warnings).toContain('produced 1 of 3 requested (retry got 1, fallback padded 1)')
})

test('a reply about something else leaves nothing to review and is not kept for the next who asks', async () => {
  const empty = { body: { choices: [{ message: { content: '{"columns": []}' }, finish_reason: 'stop' }] } }
  const { row, ledger } = await describeWith({ alternatives: 2 }, brief, empty)
  expect(row).toMatchObject({ alternatives: [], skippedReason: 'the model wrote no description' })
  expect(ledger.calls[0]?.outcome).toMatchObject({ outcome: 'Failed' })
})

test('a list that is too long for the model is asked about again with every other part, and says so', async () => {
  const cut: StubAnswer = { body: { choices: [{ message: { content: '{"table"' }, finish_reason: 'length' }] } }
  const members = Array.from({ length: 40 }, (_, index) => ({
    path: `sales.t${index}`,
    kind: 'Table' as const,
    text: 'A text.',
    origin: 'drafted' as const,
    tables: 0,
  }))
  const { row, calls } = await describeWith(
    { alternatives: 1 },
    { ...brief, members, memberCount: 40, describedCount: 40 },
    cut,
    reply('What was sold.'),
  )
  expect(calls).toBe(2)
  expect(row).toMatchObject({ skippedReason: null, alternatives: [{ text: 'What was sold.' }] })
  expect(row.evidence).toContain('Shown is a sample of 20 tables, spread evenly over the names; 20 more are not shown.')
})

test('a model that never has room leaves the schema to a person, after a few calls', async () => {
  const cut: StubAnswer = { body: { choices: [{ message: { content: '{"table"' }, finish_reason: 'length' }] } }
  const { row, calls } = await describeWith({ alternatives: 1 }, brief, cut)
  expect(calls).toBe(1)
  expect(row.skippedReason).toMatch(/^AMX-3008/)
})
