import { counted } from '../../../output/figures.ts'
import { acceptable, countsInWords } from '../verdict.ts'
import { keyTable } from './key-table.ts'
import type { Mode, ReviewState } from './state.ts'
import { type Line, type Look, padded, plain, shown, styled, wrapped } from './styled-line.ts'

/** What fills the screen in place of list and detail; null where those are shown. Pure. */
export function dialogLines(state: ReviewState, columns: number, look: Look): Line[] | null {
  switch (state.mode.kind) {
    case 'resume':
      return resumeLines(state, columns, look)
    case 'opening':
      return openingLines(state, columns, look)
    case 'leave':
      return leaveLines(state, state.mode, columns, look)
    case 'help':
      return helpLines(columns, look).slice(state.mode.top)
    case 'versions':
      return versionLines(state.mode, columns, look).slice(state.mode.top)
    default:
      return null
  }
}

function openingLines(state: ReviewState, columns: number, look: Look): Line[] {
  const count = (band: string) => state.rows.filter((row) => row.band === band).length
  const reading = state.loading === 'loading' ? ` (${state.rows.length} read so far)` : ''
  return [
    [],
    ...words(`${counted(state.total, 'row')} to review${reading}`, columns, look),
    [
      plain('  '),
      styled('green', `high ${count('High')}`),
      plain('   '),
      styled('yellow', `medium ${count('Medium')}`),
      plain('   '),
      styled('red', `low ${count('Low')}`),
    ],
    [],
    ...words('How do you want to review?', columns, look),
    choice('1', 'one by one', look),
    choice('2', 'accept all high, then the rest one by one', look),
    choice('3', 'accept all, then look through them', look),
    choice('4', 'reject all, then look through them', look),
    [],
    ...words('Nothing is recorded before you finish with q and say so.', columns, look, 'dim'),
  ]
}

function resumeLines(state: ReviewState, columns: number, look: Look): Line[] {
  return [
    [],
    ...words(
      `${counted(state.kept.length, 'verdict')} of an earlier sitting about this run ${state.kept.length === 1 ? 'was' : 'were'} kept and never recorded.`,
      columns,
      look,
    ),
    [],
    choice('y', 'take them up and go on', look),
    choice('l', 'leave them where they are and begin anew', look),
    choice('t', 'throw them away', look),
    [],
    ...words(
      'Verdicts about rows that changed since are not taken up; those rows are marked with !.',
      columns,
      look,
      'dim',
    ),
  ]
}

function leaveLines(
  state: ReviewState,
  { because }: Extract<Mode, { kind: 'leave' }>,
  columns: number,
  look: Look,
): Line[] {
  const undecided = state.rows.filter((row) => !state.verdicts.has(row.id) && acceptable(row).length > 0).length
  const shownOf = state.view.rows.length < state.rows.length ? ` The list shows ${state.view.rows.length} of them.` : ''
  return [
    [],
    ...words(
      `${because === 'interrupted' ? 'Interrupted. ' : ''}Decided: ${countsInWords(state.counts)}.`,
      columns,
      look,
      'bold',
    ),
    ...words(
      `${undecided} of ${counted(state.rows.length, 'row')} ${undecided === 1 ? 'stays' : 'stay'} undecided.${shownOf}`,
      columns,
      look,
    ),
    ...(state.writes === 'later'
      ? words('What is accepted waits in the queue until `kubectl amx apply` writes it.', columns, look, 'dim')
      : words('What is accepted is written to the database as soon as it is recorded.', columns, look, 'yellow')),
    [],
    choice('r', `record them${because === 'finished' ? ' (Enter)' : ''}`, look),
    choice(
      'k',
      `keep them on this machine for the next review of this run${because === 'interrupted' ? ' (Enter)' : ''}`,
      look,
    ),
    choice('t', 'throw them away', look),
    choice('b', 'back to the list', look),
  ]
}

function versionLines(mode: Extract<Mode, { kind: 'versions' }>, columns: number, look: Look): Line[] {
  const head = words(`Versions of ${mode.row.path}`, columns, look, 'bold')
  if (mode.problem !== null) return [[], ...head, [], ...words(mode.problem, columns, look, 'yellow')]
  if (mode.versions === null) return [[], ...head, [], ...words('reading…', columns, look, 'dim')]
  return [
    [],
    ...head,
    ...mode.versions.flatMap((version): Line[] => {
      const score = version.score === null ? '' : `${version.band ?? ''} ${version.score.toFixed(2)}`
      const facts = [
        version.run.name,
        version.run.type,
        score,
        version.model ?? '',
        version.state,
        version.applyOutcome ?? '',
      ]
      const texts = version.chosenText === null ? version.alternatives.map(({ text }) => text) : [version.chosenText]
      return [
        [],
        [
          plain('  '),
          styled('bold', `v${version.version}`),
          plain('  '),
          styled('dim', shown(facts.filter(Boolean).join(' · '), look)),
          ...(version.locks ? [styled('yellow', '  holds the asset')] : []),
        ],
        ...(version.instructions === '' ? [] : words(`asked for: ${version.instructions}`, columns, look, 'cyan')),
        ...texts.flatMap((text) => words(text, columns, look)),
      ]
    }),
  ]
}

function helpLines(columns: number, look: Look): Line[] {
  const width = Math.max(...keyTable.flatMap(({ keys }) => keys.map(([key]) => key.length)))
  return keyTable.flatMap(({ title, keys }): Line[] => [
    [],
    [plain('  '), styled('cyan', title)],
    ...keys.flatMap(([key, does]) =>
      wrapped(does, columns - width - 6, look).map(
        (line, index): Line => [
          plain('  '),
          styled('bold', padded(index === 0 ? key : '', width)),
          plain('  '),
          plain(line),
        ],
      ),
    ),
  ])
}

function choice(key: string, does: string, look: Look): Line {
  return [plain('    '), styled('bold', `[${key}]`), plain(` ${shown(does, look)}`)]
}

function words(
  text: string,
  columns: number,
  look: Look,
  style: 'plain' | 'bold' | 'dim' | 'cyan' | 'yellow' = 'plain',
): Line[] {
  return wrapped(text, columns - 4, look).map((line) => [plain('  '), styled(style, line)])
}
