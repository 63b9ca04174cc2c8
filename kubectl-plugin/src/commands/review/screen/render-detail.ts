import type { ResultRow } from '@amx/api'
import { diffWordsWithSpace } from 'diff'
import { counted } from '../../../output/figures.ts'
import { citationPlace } from '../../../results/citation-text.ts'
import type { Verdict } from '../verdict.ts'
import { bandStyle, glyphsFor } from './glyphs.ts'
import { layoutOf } from './layout.ts'
import { entryAt, type ReviewState } from './state.ts'
import { type Line, type Look, plain, type Span, type Style, shown, styled, widthOf, wrapped } from './styled-line.ts'

/** Everything about the row of the cursor, as lines of some width. Pure. */
export function detailLines(state: ReviewState, columns: number, look: Look): Line[] {
  const entry = entryAt(state)
  if (entry === undefined) return []
  if (entry.kind === 'group') return groupLines(state, entry.key, entry.rows, columns, look)
  const { row } = entry
  const verdict = state.verdicts.get(row.id)
  return [
    ...text(row.path, columns, look, 'bold'),
    ...text(factsOf(row), columns, look, 'dim'),
    ...notices(state, row, columns, look),
    [],
    ...section('Now', columns, look),
    ...(row.existingComment === null
      ? [[styled('dim', '  no comment')]]
      : text(row.existingComment, columns - 2, look, 'plain', '  ')),
    [],
    ...section(state.diff ? 'Proposed, against what is there' : 'Proposed', columns, look),
    ...alternativeLines(row, verdict, { columns, look, diff: state.diff }),
    ...ownLines(row, verdict, { columns, look, diff: state.diff }),
    ...(row.warnings.length === 0 ? [] : [[]]),
    ...row.warnings.flatMap((warning) => text(warning, columns - 2, look, 'yellow', '! ', '  ')),
    ...citationLines(row, columns, look),
    ...block('Why', row.reasoning, columns, look),
    ...block('Evidence', row.evidence, columns, look),
  ]
}

/** How many lines the detail of the cursor takes on this screen. */
export function detailHeight(state: ReviewState): number {
  return detailLines(state, layoutOf(state.size).detailColumns, { colour: false, unicode: true }).length
}

/** A word diff of two texts, wrapped. */
export function diffSpans(before: string, after: string, look: Look): Span[] {
  return diffWordsWithSpace(before, after).map(({ value, added, removed }) => {
    const words = shown(value, look)
    if (added) return styled('added', look.colour ? words : `{+${words}+}`)
    return removed ? styled('removed', look.colour ? words : `[-${words}-]`) : plain(words)
  })
}

function factsOf(row: ResultRow): string {
  const score = row.score === null ? 'no score' : `${row.band ?? ''} ${row.score.toFixed(2)}`.trim()
  const facts = [
    row.kind,
    `${score} (${row.signal})`,
    row.calibrated == null ? '' : `${Math.round(row.calibrated * 100)}% of such were accepted unchanged`,
    row.source === 'profile' ? '' : `from ${row.source}`,
    (row.versions ?? 1) > 1 ? `v${row.version ?? 1} of ${row.versions}` : '',
    row.databaseProfile ?? '',
  ]
  return facts.filter(Boolean).join(' · ')
}

function notices(state: ReviewState, row: ResultRow, columns: number, look: Look): Line[] {
  const by = row.decidedBy === null ? '' : ` by ${row.decidedBy}`
  const applied = row.applyOutcome === null ? '' : `, ${row.applyOutcome}`
  const words: [Style, string][] = [
    ...(state.changed.has(row.id)
      ? [['yellow', 'This row changed since you decided about it.'] as [Style, string]]
      : []),
    ...(row.lock
      ? [['yellow', `Locked by v${row.lock.version} of ${row.lock.run}, which was accepted.`] as [Style, string]]
      : []),
    ...(row.state === 'Unreviewed' ? [] : [['cyan', `${row.state}${by}${applied}.`] as [Style, string]]),
    ...(row.applyError === null ? [] : [['red', row.applyError] as [Style, string]]),
    ...(row.copiedFrom == null ? [] : [['dim', `Copied from ${row.copiedFrom}, an equal column.`] as [Style, string]]),
    ...(row.seed ? [['dim', `Made of alternative ${row.seed.index}: ${row.seed.text}`] as [Style, string]] : []),
  ]
  return words.flatMap(([style, one]) => text(one, columns, look, style))
}

interface Shape {
  readonly columns: number
  readonly look: Look
  readonly diff: boolean
}

function alternativeLines(row: ResultRow, verdict: Verdict | undefined, shape: Shape): Line[] {
  const { columns, look } = shape
  if (row.alternatives.length === 0) {
    return text(`nothing was drafted: ${row.skippedReason ?? 'no reason is known'}`, columns - 2, look, 'yellow', '  ')
  }
  return row.alternatives.flatMap((alternative, index) => {
    const number = index + 1
    const chosen = verdict !== undefined && 'alternative' in verdict && verdict.alternative === number
    const score = alternative.score === null ? '' : ` (${alternative.score.toFixed(2)})`
    if (alternative.fallback)
      return text(`${alternative.text} (placeholder)`, columns - 5, look, 'dim', '  -  ', '     ')
    const head = `${chosen ? glyphsFor(look).accepted : ' '}[${number}]`
    return hanging(proposal(row, alternative.text, shape), { columns, look, head, chosen, score })
  })
}

function ownLines(row: ResultRow, verdict: Verdict | undefined, shape: Shape): Line[] {
  if (verdict === undefined || !('text' in verdict)) return []
  const head = `${glyphsFor(shape.look).accepted}[${verdict.edits === null ? 'o' : 'e'}]`
  return hanging(proposal(row, verdict.text, shape), { ...shape, head, chosen: true, score: '' })
}

/** A text as it is, or as what it changes of the comment that is there. */
function proposal(row: ResultRow, proposed: string, { look, diff }: Shape): string | Span[] {
  return diff && row.existingComment !== null ? diffSpans(row.existingComment, proposed, look) : proposed
}

interface Hanging {
  readonly columns: number
  readonly look: Look
  readonly head: string
  readonly chosen: boolean
  readonly score: string
}

/** A numbered text: its further lines stand below its first word. */
function hanging(content: string | Span[], { columns, look, head, chosen, score }: Hanging): Line[] {
  const style: Style = chosen ? 'green' : 'bold'
  const body =
    typeof content === 'string'
      ? wrapped(`${content}${score}`, columns - 5, look).map((line): Line => scored(line, score, chosen))
      : wrappedSpans([...content, styled('dim', score)], columns - 5)
  return body.map((line, index) => [index === 0 ? styled(style, `${head} `) : plain('     '), ...line])
}

function scored(line: string, score: string, chosen: boolean): Line {
  const textStyle: Style = chosen ? 'green' : 'plain'
  if (score === '' || !line.endsWith(score.trim())) return [styled(textStyle, line)]
  return [styled(textStyle, line.slice(0, line.length - score.trim().length)), styled('dim', score.trim())]
}

/** Styled text broken into lines between its words. */
export function wrappedSpans(spans: readonly Span[], columns: number): Line[] {
  const lines: Span[][] = [[]]
  let left = columns
  for (const { text: content, style } of spans) {
    for (const word of content.split(/(?<=\s)/)) {
      const width = widthOf(word.trimEnd())
      if (width > left && left < columns) {
        lines.push([])
        left = columns
      }
      lines.at(-1)?.push({ text: word, style })
      left -= widthOf(word)
    }
  }
  return lines
}

function citationLines(row: ResultRow, columns: number, look: Look): Line[] {
  const cited = row.citations.filter(({ path, source }) => path !== undefined || source === 'comment')
  if (cited.length === 0) return []
  return [
    [],
    ...section('Stands on', columns, look),
    ...cited.flatMap((citation) => [
      ...text(citationPlace(citation), columns - 2, look, 'cyan', '  '),
      ...text(citation.snippet.replaceAll(/\s+/g, ' '), columns - 4, look, 'dim', '    '),
    ]),
  ]
}

function block(title: string, content: string | null, columns: number, look: Look): Line[] {
  if (content === null || content.trim() === '') return []
  return [[], ...section(title, columns, look), ...text(content, columns - 2, look, 'dim', '  ')]
}

function section(title: string, columns: number, look: Look): Line[] {
  const line = glyphsFor(look).left.repeat(Math.max(0, Math.min(columns, 40) - title.length - 1))
  return [[styled('cyan', title), plain(' '), styled('dim', line)]]
}

function groupLines(state: ReviewState, key: string, rows: readonly ResultRow[], columns: number, look: Look): Line[] {
  const count = (band: string | null) => rows.filter((row) => row.band === band).length
  const decided = rows.filter(({ id }) => state.verdicts.has(id)).length
  return [
    ...text(key, columns, look, 'bold'),
    ...text(`${counted(rows.length, 'row')}, ${decided} decided`, columns, look, 'dim'),
    [],
    [
      styled(bandStyle('High'), `High ${count('High')}`),
      plain('   '),
      styled(bandStyle('Medium'), `Medium ${count('Medium')}`),
      plain('   '),
      styled(bandStyle('Low'), `Low ${count('Low')}`),
    ],
    [],
    ...text(
      '1 accepts the first alternative of every undecided row here, s skips and r rejects them; Enter closes and opens the group.',
      columns,
      look,
      'dim',
    ),
  ]
}

function text(content: string, columns: number, look: Look, style: Style, first = '', further = first): Line[] {
  return wrapped(content, columns, look).map((line, index) => [
    plain(index === 0 ? first : further),
    styled(style, line),
  ])
}
