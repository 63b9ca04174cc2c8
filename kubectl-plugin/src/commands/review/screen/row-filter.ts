import { assetKinds, confidenceBands, type ResultRow, reviewStates } from '@amx/api'
import type { Verdict } from '../verdict.ts'
import { rowFacts } from './row-facts.ts'

export type RowFilter = (row: ResultRow, verdict: Verdict | undefined) => boolean

export type ReadFilter =
  | { readonly kind: 'filter'; readonly matches: RowFilter }
  | { readonly kind: 'problem'; readonly problem: string }

/**
 * Reads what a reviewer filters by: words that the path or a text has, `/pattern/` for the path, and `band:`, `state:`,
 * `kind:`, `table:`, `is:decided`, `is:undecided`, `is:changed`; all of them must hold. Pure.
 */
export function readFilter(text: string, changed: ReadonlySet<string> = new Set()): ReadFilter {
  const tests: RowFilter[] = []
  for (const word of text.match(/\/(?:\\.|[^/])+\/?|\S+/g) ?? []) {
    const test = testOf(word, changed)
    if (typeof test === 'string') return { kind: 'problem', problem: test }
    tests.push(test)
  }
  return { kind: 'filter', matches: (row, verdict) => tests.every((test) => test(row, verdict)) }
}

function testOf(word: string, changed: ReadonlySet<string>): RowFilter | string {
  if (word.startsWith('/') && word.length > 1) return pathPattern(word.replace(/^\/|(?<!\\)\/$/g, ''))
  const [, name, value = ''] = /^(band|state|kind|table|is):(.*)$/i.exec(word) ?? []
  switch (name?.toLowerCase()) {
    case 'band':
      return oneOf(value, [...confidenceBands, 'None'], 'band', (row) => row.band ?? 'None')
    case 'state':
      return oneOf(value, reviewStates, 'state', ({ state }) => state)
    case 'kind':
      return oneOf(value, assetKinds, 'kind', ({ kind }) => kind)
    case 'table':
      return (row) => rowFacts(row).table === value
    case 'is':
      return isWhat(value.toLowerCase(), changed)
    default:
      return containing(word)
  }
}

function containing(word: string): RowFilter {
  const wanted = word.toLowerCase()
  return (row) => rowFacts(row).searched.includes(wanted)
}

/** Whether the path matches a pattern, anywhere unless it is anchored; in words when it is none. */
export function pathPattern(pattern: string): RowFilter | string {
  // What RE2 has not, such as looking around and back, would make the time to match grow without bounds.
  if (/\(\?[=!<]|\\[1-9]|\\k</.test(pattern)) return `"${pattern}" looks around or back, which patterns here do not`
  try {
    const compiled = new RegExp(pattern, 'u')
    return ({ path }) => compiled.test(path)
  } catch {
    return `"${pattern}" is no regular expression`
  }
}

function oneOf(
  value: string,
  choices: readonly string[],
  name: string,
  of: (row: ResultRow) => string,
): RowFilter | string {
  // While it is being typed, the beginning of a word stands for all words that begin so.
  const wanted = choices.filter((choice) => choice.toLowerCase().startsWith(value.toLowerCase()))
  if (wanted.length === 0) return `${name}: is one of ${choices.join(', ')}`
  return (row) => wanted.includes(of(row))
}

function isWhat(value: string, changed: ReadonlySet<string>): RowFilter | string {
  if (value !== '' && 'undecided'.startsWith(value)) return (_, verdict) => verdict === undefined
  if (value !== '' && 'decided'.startsWith(value)) return (_, verdict) => verdict !== undefined
  if (value !== '' && 'changed'.startsWith(value)) return ({ id }) => changed.has(id)
  return 'is: decided, undecided or changed'
}
