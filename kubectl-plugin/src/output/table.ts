import { harmless } from './paint.ts'

export interface TableOptions {
  readonly noHeaders?: boolean
  /** Columns of the screen that it fits into. @default null, which leaves nothing out */
  readonly width?: number | null
}

const gap = 3
const narrowGap = 2
const leastOfText = 12

/**
 * A table as kubectl prints it: upper-case heads, three spaces between columns, nothing at the end of a line. On a screen that is
 * too narrow columns stand closer, the last one is cut, and columns that have no room are left out from the right: then the heads
 * end with an ellipsis.
 */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { noHeaders = false, width = null }: TableOptions = {},
): string[] {
  const safe = rows.map((row) => row.map(harmless))
  const lines = noHeaders ? safe : [heads.map((head) => head.toUpperCase()), ...safe]
  const widths = heads.map((_, column) => Math.max(0, ...lines.map((line) => displayWidth(line[column] ?? ''))))
  const { between, kept } = fitted(widths, width)
  return lines.map((line, index) => {
    const cells = line.slice(0, kept).map((cell, column) => pad(cell, widths[column] ?? 0))
    const more = kept < heads.length && index === 0 && !noHeaders ? ['…'] : []
    const whole = [...cells, ...more].join(' '.repeat(between)).trimEnd()
    return width === null ? whole : cutTo(whole, width)
  })
}

/** How far apart columns stand, and how many of them there are room for; the last of all may be cut. Pure. */
function fitted(widths: readonly number[], width: number | null): { readonly between: number; readonly kept: number } {
  const all = { between: gap, kept: widths.length }
  const needed = (columns: number, between: number) =>
    widths.slice(0, columns).reduce((sum, one) => sum + one, 0) + Math.max(0, columns - 1) * between
  if (width === null || needed(widths.length, gap) <= width) return all
  const between = narrowGap
  const beforeLast = needed(widths.length - 1, between)
  if (width - beforeLast - between >= Math.min(leastOfText, widths.at(-1) ?? 0)) return { between, kept: widths.length }
  let kept = widths.length - 1
  while (kept > 1 && needed(kept, between) + between + 1 > width) kept -= 1
  return { between, kept }
}

/** Text of at most `width` columns, cut with an ellipsis. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 1
  // Cut text loses its colours: half an escape sequence would colour the rest of the screen.
  for (const character of text.replaceAll(escapes, '')) {
    used += displayWidth(character)
    if (used > width) break
    kept += character
  }
  return `${kept}…`
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

// Escape sequences of colours take no column.
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const escapes = /\u001b\[[0-9;]*m/g

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u

/** Terminal columns a text takes: East Asian wide characters and pictures take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text.replaceAll(escapes, '')) {
    if (/\p{M}/u.test(character)) continue
    width += wide.test(character) ? 2 : 1
  }
  return width
}
