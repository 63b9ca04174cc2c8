import { AmxError } from '@amx/api'
import type { Request } from 'express'

/** One text parameter of the query, or undefined. Throws AMX-1014 when it is given twice, or holds what no text of ours does. */
export function queryText(request: Request, name: string): string | undefined {
  const value: unknown = request.query[name]
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string')
    throw new AmxError('AMX-1014', { problem: `query parameter "${name}" may be given once` })
  if (value.includes('\0'))
    throw new AmxError('AMX-1014', { problem: `query parameter "${name}" holds a zero character` })
  return value
}

/** A text parameter that must be one of `values`. */
export function queryChoice<Value extends string>(
  request: Request,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const text = queryText(request, name)
  if (text === undefined) return undefined
  const found = values.find((value) => value === text)
  if (found !== undefined) return found
  throw new AmxError('AMX-1014', { problem: `query parameter "${name}" must be one of ${values.join(', ')}` })
}

/** Several of `values`, apart by commas; empty when the parameter is not given. */
export function queryChoices<Value extends string>(
  request: Request,
  name: string,
  values: readonly Value[],
): readonly Value[] {
  const words = (queryText(request, name) ?? '').split(',').filter(Boolean)
  return words.map((word) => {
    const found = values.find((value) => value === word)
    if (found !== undefined) return found
    throw new AmxError('AMX-1014', { problem: `query parameter "${name}" takes ${values.join(', ')}, apart by commas` })
  })
}

/** A time such as 2026-11-01T00:00:00Z. */
export function queryTime(request: Request, name: string): Date | undefined {
  const text = queryText(request, name)
  if (text === undefined) return undefined
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw new AmxError('AMX-1014', { problem: `query parameter "${name}" must be a time such as 2026-11-01T00:00:00Z` })
}

/** A page size between 1 and `most`. */
export function queryLimit(request: Request, options: { readonly usual: number; readonly most: number }): number {
  const text = queryText(request, 'limit')
  if (text === undefined) return options.usual
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= options.most) return limit
  throw new AmxError('AMX-1014', { problem: `query parameter "limit" must be a number from 1 to ${options.most}` })
}

/** A path parameter; Express types it loosely. */
export function pathText(request: Request, name: string): string {
  const value: unknown = request.params[name]
  if (typeof value === 'string' && value !== '') return value
  throw new AmxError('AMX-1014', { problem: `the path lacks "${name}"` })
}
