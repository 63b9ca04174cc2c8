import { harmless } from './paint.ts'

/** A table as kubectl prints it: upper-case heads, three spaces between columns, nothing at the end of a line. */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly noHeaders?: boolean } = {},
): string[] {
  const safe = rows.map((row) => row.map(harmless))
  const lines = options.noHeaders ? safe : [heads.map((head) => head.toUpperCase()), ...safe]
  const widths = heads.map((_, column) => Math.max(0, ...lines.map((line) => displayWidth(line[column] ?? ''))))
  return lines.map((line) =>
    line
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  )
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
function displayWidth(text: string): number {
  let width = 0
  for (const character of text.replaceAll(escapes, '')) {
    if (/\p{M}/u.test(character)) continue
    width += wide.test(character) ? 2 : 1
  }
  return width
}
