import { type CommandIO, print } from '../../../command-io.ts'
import { harmless, type Paint, paintFor } from '../../../output/paint.ts'
import type { Prompt } from '../../../prompt.ts'
import { acceptable, countsInWords, countVerdicts } from '../verdict.ts'
import { rowLines } from './review-row.ts'
import { answer, ownText, type Sitting, undo, verdictsById } from './sitting.ts'

export interface PlainSat {
  readonly sitting: Sitting
  /** Kept where nobody answered any more: Ctrl-C, or the end of the input. */
  readonly how: 'record' | 'keep' | 'discard'
}

const help = [
  '  1-5  accept that alternative      o  own text              e  all the evidence',
  '  s    skip, decide later           r  reject for good       n  next, undecided',
  '  a    accept all that remain       h  accept all high       b  back',
  '  u    undo the last verdicts       U  do them again         Enter  as n',
  '  q    finish: shows what was decided and asks before anything is recorded',
]

/** The review line by line, for where a whole screen is not wanted or not possible. */
export async function plainReview(io: CommandIO, prompt: Prompt, start: Sitting): Promise<PlainSat> {
  let at = start
  for (;;) {
    const { sitting, ended } = await sit(io, prompt, at)
    if (sitting.verdicts.size === 0) return { sitting, how: 'discard' }
    const next = ended ? 'keep' : await whatNext(prompt, sitting)
    if (typeof next === 'string') return { sitting, how: next }
    at = next
  }
}

/** What becomes of the verdicts; or the sitting, where the reviewer goes back to it. */
async function whatNext(prompt: Prompt, sitting: Sitting): Promise<PlainSat['how'] | Sitting> {
  const counts = countsInWords(countVerdicts(verdictsById(sitting).values()))
  for (;;) {
    const reply = await prompt.ask(`Record ${counts}? [Y/n, u undo, b back] `)
    switch (reply?.trim().toLowerCase()) {
      case undefined:
        return 'keep'
      case '':
      case 'y':
      case 'yes':
        return 'record'
      case 'n':
      case 'no':
        return 'discard'
      case 'u':
        return undo(sitting)?.sitting ?? lastRow(sitting)
      case 'b':
        return lastRow(sitting)
    }
  }
}

function lastRow(sitting: Sitting): Sitting {
  return { ...sitting, at: Math.min(sitting.at, sitting.rows.length - 1) }
}

/** Asks row by row until the reviewer finishes, the rows end, or nobody answers any more. */
async function sit(
  io: CommandIO,
  prompt: Prompt,
  start: Sitting,
): Promise<{ readonly sitting: Sitting; readonly ended: boolean }> {
  const paint = paintFor(io)
  let sitting = start
  let shown = -1
  for (;;) {
    const row = sitting.rows[sitting.at]
    if (row === undefined) return { sitting, ended: false }
    if (shown !== sitting.at) print(io, ...rowLines(row, { number: sitting.at + 1, of: sitting.rows.length }, paint))
    shown = sitting.at
    const key = await prompt.ask(question(acceptable(row), sitting, paint))
    if (key === null) return { sitting, ended: true }
    const meant = answer(sitting, key)
    switch (meant.kind) {
      case 'moved':
        sitting = meant.sitting
        break
      case 'own-text': {
        sitting = ownText(sitting, (await prompt.ask('  your text: ')) ?? '')
        break
      }
      case 'evidence':
        print(io, ...row.evidence.split('\n').map((line) => paint('dim', `  | ${harmless(line)}`)))
        break
      case 'help':
        print(io, ...help)
        break
      case 'finish':
        return { sitting, ended: false }
      case 'unknown':
        print(io, `  ${meant.problem}`)
        break
    }
  }
}

function question(numbers: readonly number[], { verdicts, at }: Sitting, paint: Paint): string {
  const before = verdicts.get(at)
  const number = before !== undefined && 'alternative' in before ? ` ${before.alternative}` : ''
  const was = before === undefined ? '' : paint('dim', ` [${before.verdict}${number}]`)
  const first = numbers[0]
  const last = numbers.at(-1)
  const range = first === undefined ? '' : first === last ? `${first} ` : `${first}-${last} `
  return `${range}o s r a h b u q ?${was} > `
}
