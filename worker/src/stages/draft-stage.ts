import { AmxError, type Assignment, type DraftUnit, type SettleUnit, type TableProfile, type WorkUnit } from '@amx/api'
import { type CallLedger, createDrafter, embeddedSearch } from '@amx/drafting'
import { unitLedger } from '../call-ledger.ts'
import { readModelKey, type WorkerEnvironment } from '../environment.ts'
import type { ServerClient } from '../server-client.ts'
import { createBatchJournal } from './batch-journal.ts'
import { createMemoryKeeper } from './route-memory.ts'
import { createRunStyle } from './run-style.ts'
import type { StageProgram } from './stage-program.ts'

/** Table profiles kept in memory; batches of a table come close together, so a small number serves them all. */
const profilesKept = 64

/** Units that wait for a provider's batches at once: below what one heartbeat can name. */
const unitsInBatches = 1_000

/** Drafts batches of ready columns, as many at once as the LLMProfile allows. Every call is announced and accounted through the server. */
export function createDraftStage(
  assignment: Assignment,
  environment: WorkerEnvironment,
  server: ServerClient,
): StageProgram {
  const { model, generation, context: sources = [] } = assignment.settings
  if (model === null)
    throw new AmxError('AMX-1001', { field: 'spec.llmProfileRef', problem: 'a run that drafts needs a model' })
  const apiKey = readModelKey(environment)
  const memory = createMemoryKeeper(server)
  const inBatches = generation.batchAPI === true
  const drafter = createDrafter({
    model,
    ...(apiKey === null ? {} : { apiKey }),
    memory: assignment.routeMemory ?? null,
    onLearnt: memory.keep,
    ...(inBatches ? { batches: createBatchJournal(server) } : {}),
  })
  const styleOf = createRunStyle(server, generation)
  const kinds = [...new Set(sources.map(({ kind }) => kind))]
  const context = embeddedSearch(kinds, (request, signal) => server.searchContext(request, signal))
  const profiles = new Map<string, Promise<TableProfile>>()
  let calls = 0

  function profileOf(tableId: string, signal: AbortSignal): Promise<TableProfile> {
    const known = profiles.get(tableId)
    if (known !== undefined) return known
    const reading = server.tableProfile(tableId, signal)
    profiles.set(tableId, reading)
    reading.catch(() => profiles.delete(tableId))
    const oldest = profiles.keys().next().value
    if (profiles.size > profilesKept && oldest !== undefined) profiles.delete(oldest)
    return reading
  }

  function ledgerOf(unit: DraftUnit | SettleUnit, signal: AbortSignal): CallLedger {
    return unitLedger({
      server,
      unit,
      signal,
      onCall: () => {
        calls += 1
      },
    })
  }

  async function draft(unit: DraftUnit, signal: AbortSignal): Promise<void> {
    const profile = await profileOf(unit.tableId, signal)
    const style = await styleOf(signal)
    const { rows } = await drafter.draftBatch(
      {
        profile,
        columns: unit.columns,
        includeTable: unit.includeTable,
        generation,
        ...(style === undefined ? {} : { style }),
        ...(unit.descent === undefined ? {} : { descent: unit.descent }),
        ...(context === undefined ? {} : { context }),
      },
      ledgerOf(unit, signal),
      signal,
    )
    await server.postResult(
      { unitId: unit.id, attempt: unit.attempt, kind: 'draft', tableId: unit.tableId, rows: [...rows] },
      signal,
    )
  }

  async function settle(unit: SettleUnit, signal: AbortSignal): Promise<void> {
    const { row } = await drafter.describeContainer({ brief: unit.brief, generation }, ledgerOf(unit, signal), signal)
    await server.postResult({ unitId: unit.id, attempt: unit.attempt, kind: 'settle', row }, signal)
  }

  return {
    concurrency: inBatches ? unitsInBatches : Math.min(256, model.limits.concurrency),
    onStop(stop) {
      if (!inBatches) return () => false
      // What waits at the provider goes on there while the run is suspended, and is taken in when it goes on.
      if (stop === 'Suspend') return () => true
      drafter.cancel()
      return () => false
    },
    perform(unit: WorkUnit, signal: AbortSignal): Promise<void> {
      if (unit.kind === 'draft') return draft(unit, signal)
      if (unit.kind === 'settle') return settle(unit, signal)
      throw new AmxError('AMX-9001', { detail: `a draft worker was handed a unit of kind ${unit.kind}` })
    },
    async close() {
      await memory.settled()
      await drafter.close()
    },
    figures: async () => ({ statements: 0, calls }),
  }
}
