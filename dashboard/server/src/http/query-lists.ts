import { AmxError } from '@amx/api'
import type { Request } from 'express'
import { queryText } from './query.ts'

const mostValues = 200

/** A parameter that may be repeated; undefined when it is absent. Throws AMX-1014 for values that are no text of ours. */
export function queryTexts(request: Request, name: string): readonly string[] | undefined {
  const given: unknown = request.query[name]
  if (given === undefined || given === '') return undefined
  const values: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (values.length > mostValues) throw refused(name, `may be given ${mostValues} times at most`)
  return values.map((value) => {
    if (typeof value !== 'string') throw refused(name, 'must be text')
    if (value.includes('\0')) throw refused(name, 'holds a zero character')
    return value
  })
}

/** A parameter that may be repeated, each time with one of `values`. */
export function queryChoices<Value extends string>(
  request: Request,
  name: string,
  values: readonly Value[],
): readonly Value[] | undefined {
  return queryTexts(request, name)?.map((text) => {
    const found = values.find((value) => value === text)
    if (found === undefined) throw refused(name, `must be one of ${values.join(', ')}`)
    return found
  })
}

/** `true` or `false`. */
export function queryFlag(request: Request, name: string): boolean | undefined {
  const text = queryText(request, name)
  if (text === undefined) return undefined
  if (text === 'true' || text === 'false') return text === 'true'
  throw refused(name, 'must be true or false')
}

/** A number from `least` to `most`. */
export function queryNumber(
  request: Request,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const text = queryText(request, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && value >= least && value <= most) return value
  throw refused(name, `must be a number from ${least} to ${most}`)
}

function refused(name: string, problem: string): AmxError {
  return new AmxError('AMX-1014', { problem: `query parameter "${name}" ${problem}` })
}
