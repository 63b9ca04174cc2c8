import type { ConfidenceBand, ResultRow } from '@amx/api'
import type { Verdict } from '../verdict.ts'
import { type Look, plain, type Span, type Style, styled } from './styled-line.ts'

export interface Glyphs {
  readonly accepted: string
  readonly skipped: string
  readonly rejected: string
  readonly restored: string
  readonly cursor: string
  readonly open: string
  readonly closed: string
  readonly bar: string
  readonly done: string
  readonly left: string
  readonly dot: string
  readonly changed: string
}

const fine: Glyphs = {
  accepted: '✓',
  skipped: '–',
  rejected: '✗',
  restored: '↶',
  cursor: '▌',
  open: '▾',
  closed: '▸',
  bar: '│',
  done: '━',
  left: '─',
  dot: '·',
  changed: '!',
}
const coarse: Glyphs = {
  accepted: '+',
  skipped: '-',
  rejected: 'x',
  restored: '<',
  cursor: '>',
  open: 'v',
  closed: '>',
  bar: '|',
  done: '=',
  left: '-',
  dot: '-',
  changed: '!',
}

export function glyphsFor({ unicode }: Look): Glyphs {
  return unicode ? fine : coarse
}

const bandStyles: Readonly<Record<ConfidenceBand, Style>> = { High: 'green', Medium: 'yellow', Low: 'red' }

export function bandStyle(band: ResultRow['band']): Style {
  return band === null ? 'dim' : bandStyles[band]
}

/** Two characters for how a row stands: this sitting's verdict, else dimmed what was recorded before. */
export function markOf(row: ResultRow, verdict: Verdict | undefined, look: Look): Span {
  const glyphs = glyphsFor(look)
  if (verdict === undefined) return recordedMark(row, glyphs)
  switch (verdict.verdict) {
    case 'Accept':
      return styled(
        'green',
        `${glyphs.accepted}${'text' in verdict ? (verdict.edits === null ? 'o' : 'e') : verdict.alternative}`,
      )
    case 'Skip':
      return styled('yellow', `${glyphs.skipped} `)
    case 'Reject':
      return styled('red', `${glyphs.rejected} `)
    case 'Restore':
      return styled('cyan', `${glyphs.restored} `)
  }
}

function recordedMark({ state, lock }: ResultRow, glyphs: Glyphs): Span {
  if (lock) return styled('dim', '# ')
  if (state === 'Accepted') return styled('dim', `${glyphs.accepted} `)
  if (state === 'Rejected') return styled('dim', `${glyphs.rejected} `)
  return state === 'Skipped' ? styled('dim', `${glyphs.skipped} `) : plain('  ')
}
