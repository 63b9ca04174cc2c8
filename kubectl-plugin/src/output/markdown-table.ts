import { harmless } from './paint.ts'

/** A table as Markdown shows it; what Markdown would read as its own is escaped. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)]
}

function cell(text: string): string {
  return harmless(text).replaceAll(/[\\`*_[\]<>|]/g, (character) => `\\${character}`)
}
