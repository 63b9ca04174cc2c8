/**
 * Lines of a CSV file as RFC 4180 has them: commas, CRLF, quotes around what needs them. Ends with a line break. What a spreadsheet
 * would run as a formula has an apostrophe before it, which spreadsheets do not show.
 */
export function formatCSV(heads: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [heads, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number | null): string {
  const plain = value === null ? '' : String(value)
  const formula = /^[=+@\t\r-]/.test(plain) && !/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?%?$/i.test(plain)
  const text = formula ? `'${plain}` : plain
  // Blanks at the edges are kept by quotes: some readers trim what is bare.
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
