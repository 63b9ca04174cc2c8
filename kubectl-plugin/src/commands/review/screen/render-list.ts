import type { ResultRow } from '@amx/api'
import { textOf } from '../../../results/result-table.ts'
import { bandStyle, glyphsFor, markOf } from './glyphs.ts'
import { rowFacts } from './row-facts.ts'
import type { Entry } from './row-view.ts'
import type { ReviewState } from './state.ts'
import { cutLine, type Line, type Look, padded, plain, type Span, shortened, shown, styled } from './styled-line.ts'

const leastForText = 52

export interface ListLine {
  readonly line: Line
  readonly here: boolean
}

/** The list as lines of the screen, from the first entry shown. Pure. */
export function listLines(state: ReviewState, columns: number, lines: number, look: Look): ListLine[] {
  const { entries } = state.view
  if (entries.length === 0) return [{ line: [styled('dim', ` ${emptyWords(state)}`)], here: false }]
  return entries.slice(state.top, state.top + lines).map((entry, index) => {
    const here = state.top + index === state.cursor
    const glyphs = glyphsFor(look)
    const pointer = here ? styled(state.pane === 'list' ? 'cyan' : 'dim', glyphs.cursor) : plain(' ')
    const body =
      entry.kind === 'group' ? groupLine(state, entry, columns - 1, look) : rowLine(state, entry, columns - 1, look)
    return { line: cutLine([pointer, ...body], columns, look), here }
  })
}

function emptyWords({ loading, filterText, rows }: ReviewState): string {
  if (loading === 'loading') return 'reading…'
  if (typeof loading !== 'string') return loading.problem
  return rows.length === 0 ? 'nothing to review' : `nothing matches ${filterText}`
}

function groupLine(state: ReviewState, entry: Extract<Entry, { kind: 'group' }>, columns: number, look: Look): Span[] {
  const glyphs = glyphsFor(look)
  const decided = entry.rows.filter(({ id }) => state.verdicts.has(id)).length
  const count = `${decided}/${entry.rows.length}`
  const name = shortened(shown(entry.key, look), columns - count.length - 4, look)
  return [
    plain(`${entry.open ? glyphs.open : glyphs.closed} `),
    styled('bold', name),
    plain(' '.repeat(Math.max(1, columns - name.length - count.length - 3))),
    styled(decided === entry.rows.length ? 'green' : 'dim', count),
  ]
}

function rowLine(state: ReviewState, { row }: Extract<Entry, { kind: 'row' }>, columns: number, look: Look): Span[] {
  const verdict = state.verdicts.get(row.id)
  const byTable = state.grouping === 'table'
  const indent = state.grouping === 'none' ? '' : '  '
  const label = byTable ? labelInTable(row) : row.path
  const scoreText = row.score === null ? '    ' : row.score.toFixed(2)
  const score = styled(bandStyle(row.band), `${(row.band ?? ' ')[0]} ${scoreText}`)
  const mark = markOf(row, verdict, look)
  const flag = state.changed.has(row.id)
    ? styled('yellow', '!')
    : row.warnings.length > 0
      ? styled('yellow', '*')
      : plain(' ')
  const fixed = indent.length + 2 + 1 + 1 + 6 + 1
  const withText = columns >= leastForText
  const nameColumns = withText ? Math.min(byTable ? 26 : 36, Math.floor((columns - fixed) * 0.5)) : columns - fixed - 1
  const name = shortened(shown(label, look), nameColumns, look)
  const start = [
    plain(indent),
    mark,
    flag,
    plain(padded(name, nameColumns + 1)),
    { ...score, column: fixed + nameColumns - 5 },
  ]
  if (!withText) return start
  return [...start, plain('  '), styled(verdict === undefined ? 'plain' : 'dim', shown(chosenText(state, row), look))]
}

/** Below the head of its table a column needs its name alone, and the table not even that. */
function labelInTable(row: ResultRow): string {
  const { parts, table } = rowFacts(row)
  if (parts.length > 2) return row.path.slice(table.length + 1)
  return `(${row.kind.replaceAll(/(?<!^)[A-Z]/g, ' $&').toLowerCase()})`
}

function chosenText(state: ReviewState, row: ResultRow): string {
  const verdict = state.verdicts.get(row.id)
  if (verdict !== undefined && 'text' in verdict) return verdict.text
  if (verdict !== undefined && 'alternative' in verdict) return row.alternatives[verdict.alternative - 1]?.text ?? ''
  return textOf(row)
}
