import {
  AmxError,
  type EstimateAnswer,
  type EstimateRequest,
  estimateRequestSchema,
  estimateRun,
  listedPrice,
  type PriceTable,
  usageUnits,
} from '@amx/api'
import type { ServerStore, UsageQuery } from '@amx/store'
import type { Request } from 'express'
import { queryChoice } from '../http/query.ts'
import { queryWindow } from '../http/query-window.ts'
import { validator } from '../http/validate.ts'

const checkEstimate = validator(estimateRequestSchema)

/** Reads what a usage request asks for. Throws AMX-1001 for a window that is none, AMX-1014 for another parameter. */
export function usageQuery(
  request: Request,
  namespace: string | null,
  { now, prices }: { readonly now: Date; readonly prices: PriceTable },
): UsageQuery {
  const { since, until } = queryWindow(request, now)
  const by = queryChoice(request, 'by', usageUnits) ?? 'model'
  const today = queryChoice(request, 'today', ['true', 'false'] as const) === 'true'
  return { namespace, since, until, by, ...(today && { today: prices }) }
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
