import type { RunEvent } from '@amx/api'
import { counted, dollars, grouped, spokenDuration } from '../output/figures.ts'

type Data = RunEvent['data']

/** One line about something that happened in a run, or null for what is said elsewhere. */
export function eventLine({ type, data }: RunEvent): string | null {
  switch (type) {
    case 'ScopeResolved':
      return `Scope    ${counted(numberOf(data, 'tables'), 'table')} · ${counted(numberOf(data, 'columns'), 'column')}${reused(data)}`
    case 'TableProfiled':
      return `Profile  ${textOf(data, 'table')} (${parts(counted(numberOf(data, 'columns'), 'column'), rowsOf(data))}) ${ok(took(data))}`
    case 'BatchDrafted':
      return `Draft    ${batchOf(data)} ${ok(took(data), spent(data))}${leftOut(data)}`
    case 'Decided':
      return decided(data)
    case 'TableApplied':
      return `Apply    ${textOf(data, 'table')} (${counted(numberOf(data, 'rows'), 'comment')}) ${outcomesOf(data)} (${took(data)})`
    case 'Warning':
      return `Warning  ${textOf(data, 'message')}`
    default:
      return null
  }
}

function reused(data: Data): string {
  const cached = numberOf(data, 'cachedProfiles')
  return cached === 0 ? '' : ` · ${counted(cached, 'profile')} as read before`
}

/** What was read: all rows, a sample of them, or the catalog alone. */
function rowsOf(data: Data): string {
  const all = typeof data['rowCount'] === 'number' ? counted(data['rowCount'], 'row') : ''
  if (textOf(data, 'mode') === 'Metadata') return parts(all, 'catalog alone')
  const read = numberOf(data, 'rowsRead')
  if (read === 0 || read >= numberOf(data, 'rowCount')) return all
  return `sampled ${grouped(read)} of ${all}`
}

/** The batch within its table; a schema or database has one alone. */
function batchOf(data: Data): string {
  const kind = data['kind']
  if (kind !== undefined) return `${textOf(data, 'table')} (${String(kind).toLowerCase()})`
  const place = numberOf(data, 'batches') > 1 ? `, batch ${textOf(data, 'batch')}/${textOf(data, 'batches')}` : ''
  return `${textOf(data, 'table')}${place} (${counted(numberOf(data, 'rows'), 'description')})`
}

/** What a batch took; the built-in drafter takes nothing, a stored reply costs nothing. */
function spent(data: Data): string {
  if (data['calls'] === undefined) return ''
  if (numberOf(data, 'calls') === 0) return numberOf(data, 'cachedReplies') > 0 ? 'stored reply · $0.00' : ''
  const tokens = `${grouped(numberOf(data, 'inputTokens'))} in / ${grouped(numberOf(data, 'outputTokens'))} out`
  const cost = data['costUsd']
  return `${tokens} · ${typeof cost === 'string' ? dollars(cost) : 'no known price'}`
}

function leftOut(data: Data): string {
  const skipped = numberOf(data, 'skipped')
  return skipped === 0 ? '' : `, ${skipped} without a draft`
}

function decided(data: Data): string {
  const counts = ['accepted', 'skipped', 'rejected', 'restored'].flatMap((verdict) =>
    numberOf(data, verdict) > 0 ? [`${grouped(numberOf(data, verdict))} ${verdict}`] : [],
  )
  const strategy = strategies[textOf(data, 'reviewer')]
  return `Review   ${strategy ?? textOf(data, 'reviewer')}: ${counts.join(' · ') || 'nothing matched'}`
}

const strategies: Readonly<Record<string, string>> = {
  'policy:Auto/High': 'accept-all-high',
  'policy:Auto/All': 'accept-all',
}

function outcomesOf(data: Data): string {
  const outcomes = data['outcomes']
  if (typeof outcomes !== 'object' || outcomes === null) return ''
  const all = Object.entries(outcomes)
  if (all.every(([outcome]) => outcome === 'Applied')) return 'ok'
  return all.map(([outcome, count]) => `${count} ${outcomeWords[outcome] ?? outcome}`).join(', ')
}

const outcomeWords: Readonly<Record<string, string>> = {
  Applied: 'written',
  AlreadyThere: 'there already',
  Drifted: 'changed meanwhile, left alone',
  Failed: 'failed',
  Missing: 'no longer there',
  Unsupported: 'without comments in this backend',
}

function took(data: Data): string {
  return typeof data['durationMs'] === 'number' ? spokenDuration(data['durationMs']) : ''
}

/** That it went well, and what it took as far as that is known. */
function ok(...given: readonly string[]): string {
  const taken = parts(...given)
  return taken === '' ? 'ok' : `ok (${taken})`
}

/** What there is of several parts, in a row; empty ones are left out. */
function parts(...given: readonly string[]): string {
  return given.filter((part) => part !== '').join(' · ')
}

function textOf(data: Data, name: string): string {
  return data[name] === undefined || data[name] === null ? '' : String(data[name])
}

function numberOf(data: Data, name: string): number {
  return typeof data[name] === 'number' ? data[name] : 0
}
