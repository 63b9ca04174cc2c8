import type { RunEvent } from '@amx/api'

/** One line about something that happened in a run, or null for what the status line says anyway. */
export function eventLine({ type, data }: RunEvent): string | null {
  const text = (name: string) => (data[name] === undefined || data[name] === null ? '' : String(data[name]))
  switch (type) {
    case 'ScopeResolved':
      return `Scope  ${text('tables')} tables, ${text('columns')} columns`
    case 'TableProfiled':
      return `Profile  ${text('table')}: ${text('columns')} columns${data['rowCount'] === null ? '' : `, ${text('rowCount')} rows`} (${text('mode')})`
    case 'BatchDrafted':
      return `Draft  ${text('table')}, batch ${text('batch')}/${text('batches')}: ${text('rows')} rows, high ${text('high')}, medium ${text('medium')}, low ${text('low')}`
    case 'TableApplied':
      return `Apply  ${text('table')}: ${outcomes(data['outcomes'])} in ${text('durationMs')} ms`
    case 'Warning':
      return `Warning  ${text('message')}`
    default:
      return null
  }
}

function outcomes(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ')
}
