import {
  AmxError,
  type EstimateAnswer,
  type EstimateRequest,
  estimateRequestSchema,
  estimateRun,
  listedPrice,
  type PriceTable,
  parseDurationMs,
  usageUnits,
} from '@amx/api'
import type { ServerStore, UsageQuery } from '@amx/store'
import type { Request } from 'express'
import { queryChoice, queryText } from '../http/query.ts'
import { validator } from '../http/validate.ts'

const checkEstimate = validator(estimateRequestSchema)
const dayMs = 86_400_000

/** Reads what a usage request asks for. Throws AMX-1001 for a window that is none, AMX-1014 for another parameter. */
export function usageQuery(
  request: Request,
  namespace: string | null,
  { now, prices }: { readonly now: Date; readonly prices: PriceTable },
): UsageQuery {
  const until = timeOf(request, 'until') ?? now
  const since = timeOf(request, 'since') ?? new Date(until.getTime() - windowMs(queryText(request, 'window') ?? '30d'))
  const by = queryChoice(request, 'by', usageUnits) ?? 'model'
  const today = queryChoice(request, 'today', ['true', 'false'] as const) === 'true'
  return { namespace, since, until, by, ...(today && { today: prices }) }
}

function timeOf(request: Request, name: string): Date | null {
  const text = queryText(request, name)
  if (text === undefined) return null
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) {
    throw new AmxError('AMX-1014', { problem: `query parameter "${name}" must be a time such as 2026-11-01T00:00:00Z` })
  }
  return time
}

/** A length of time, also in days and weeks. */
function windowMs(text: string): number {
  const [, amount, unit] = /^(\d{1,4})([dw])$/.exec(text) ?? []
  if (amount === undefined) return parseDurationMs(text, 'window')
  return Number(amount) * (unit === 'w' ? 7 * dayMs : dayMs)
}

/**
 * What a run would take, by the counts of its request, else by the catalog that runs of the namespace read last. Throws AMX-1032 when
 * nobody knows the tables.
 */
export async function answerEstimate(
  body: unknown,
  namespace: string,
  { store, prices }: { readonly store: ServerStore; readonly prices: PriceTable },
  signal: AbortSignal,
): Promise<EstimateAnswer> {
  const request = checkEstimate(body)
  const { model, generation } = request
  const listed = listedPrice(prices, model.provider, model.model)
  const { tables, catalogFrom } = await tablesOf(request, namespace, store, signal)
  const estimate = estimateRun(tables, generation, { ...model, listed })
  return { ...estimate, stages: [...estimate.stages], catalogFrom }
}

async function tablesOf(
  { tables, targets }: EstimateRequest,
  namespace: string,
  store: ServerStore,
  signal: AbortSignal,
): Promise<{
  readonly tables: readonly { readonly columns: number; readonly includeTable: boolean }[]
  readonly catalogFrom: string | null
}> {
  if (tables !== undefined) return { tables, catalogFrom: null }
  const known = await Promise.all(
    targets.map(async ({ databaseKey, scope }) => {
      const found = await store.readKnownTables({ namespace, databaseKey, scope }, signal)
      if (found === null) throw new AmxError('AMX-1032', { database: databaseKey })
      return found
    }),
  )
  const oldest = Math.min(...known.map(({ readAt }) => readAt.getTime()))
  return {
    tables: known.flatMap((target) => target.tables),
    catalogFrom: known.length === 0 ? null : new Date(oldest).toISOString(),
  }
}
