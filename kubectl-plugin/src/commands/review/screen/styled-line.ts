import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { harmless } from '../../../output/paint.ts'

export type Style = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'added' | 'removed'

export interface Span {
  readonly text: string
  readonly style: Style
  /** Column it begins at, counted from 1, however wide the terminal takes what stands before it. */
  readonly column?: number
}

/** A line of the screen before it becomes characters and colours. */
export type Line = readonly Span[]

/** What the terminal can show. */
export interface Look {
  readonly colour: boolean
  /** Without it nothing beyond ASCII is written. */
  readonly unicode: boolean
}

export function plain(text: string): Span {
  return { text, style: 'plain' }
}

export function styled(style: Style, text: string): Span {
  return { text, style }
}

/** Text from elsewhere as this terminal may see it, in one line. */
export function shown(text: string, look: Look): string {
  const safe = harmless(text.replaceAll('\t', ' '))
  return look.unicode ? safe : asciiOf(safe)
}

/** Text from elsewhere in lines of at most `columns`; its own line breaks are kept. */
export function wrapped(text: string, columns: number, look: Look): string[] {
  return text
    .trimEnd()
    .split(/\r?\n|\r/)
    .flatMap((line) => wrapLine(shown(line, look), Math.max(1, columns)))
}

function wrapLine(line: string, columns: number): string[] {
  if (line.length <= columns && widthOf(line) <= columns) return [line]
  if (simple.test(line)) return wrapSimple(line, columns)
  return wrapAnsi(line, columns, { hard: true, trim: true }).split('\n')
}

/** The library's result for text of one column per character, in a fraction of the time. */
function wrapSimple(line: string, columns: number): string[] {
  const lines: string[] = []
  let rest = line.trim()
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns)
    const end = space > 0 ? space : columns
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

const written: Readonly<Record<string, string>> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  ' ': ' ',
  '·': '-',
}

function asciiOf(text: string): string {
  let result = ''
  for (const character of text) result += character <= '~' ? character : (written[character] ?? '?')
  return result
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

// Letters of Europe, and what this screen draws itself: one column each. The library's tables, which take a tenth of a second
// to be made ready, are left for what needs them.
const simple = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff–—‘’“”…✓✗↶▌▾▸│━─·�]*$/

/** Columns that a text takes. */
export function widthOf(text: string): number {
  return simple.test(text) ? text.length : stringWidth(text)
}

/** The line cut to some columns, with an ellipsis where something was left out. */
export function cutLine(line: Line, columns: number, look: Look): Line {
  const total = line.reduce((sum, { text }) => sum + widthOf(text), 0)
  if (total <= columns) return line
  const ellipsis = look.unicode ? '…' : '~'
  const kept: Span[] = []
  let left = columns - 1
  for (const span of line) {
    const width = widthOf(span.text)
    if (width <= left) {
      kept.push(span)
      left -= width
      continue
    }
    return [...kept, { ...span, text: `${headOf(span.text, left)}${ellipsis}` }]
  }
  return kept
}

/** The beginning of a text that fits into some columns. */
export function headOf(text: string, columns: number): string {
  let kept = ''
  let left = columns
  for (const { segment } of characters.segment(text)) {
    left -= widthOf(segment)
    if (left < 0) break
    kept += segment
  }
  return kept
}

/** The end of a text that fits into some columns. */
export function tailOf(text: string, columns: number): string {
  const segments = [...characters.segment(text)].map(({ segment }) => segment)
  let from = segments.length
  let left = columns
  while (from > 0) {
    left -= widthOf(segments[from - 1] ?? '')
    if (left < 0) break
    from -= 1
  }
  return segments.slice(from).join('')
}

/** A name of at most `columns`, its beginning left out where it is longer: the end of a path says more. */
export function shortened(text: string, columns: number, look: Look): string {
  if (widthOf(text) <= columns) return text
  return `${look.unicode ? '…' : '~'}${tailOf(text, columns - 1)}`
}

export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

const codes: Readonly<Record<Style, string>> = {
  plain: '',
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  cyan: '36',
  added: '32',
  removed: '31',
}
const withoutColour: Readonly<Record<Style, string>> = {
  ...codes,
  dim: '',
  red: '',
  green: '',
  yellow: '',
  cyan: '',
  added: '4',
  removed: '9',
}

/** The line as a terminal takes it; `reverse` swaps its colours. */
export function ansiLine(line: Line, look: Look, emphasis: 'none' | 'reverse' = 'none'): string {
  const table = look.colour ? codes : withoutColour
  const text = line
    .map(({ text: part, style, column }) => {
      const moved = column === undefined ? '' : `\u001b[${column}G`
      const code = [table[style], emphasis === 'reverse' ? '7' : ''].filter(Boolean).join(';')
      return code === '' || part === '' ? `${moved}${part}` : `${moved}\u001b[${code}m${part}\u001b[0m`
    })
    .join('')
  return text
}
