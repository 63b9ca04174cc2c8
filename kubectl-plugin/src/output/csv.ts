/** Lines of a CSV file as RFC 4180 has them: commas, CRLF, quotes around what needs them. Ends with a line break. */
export function formatCSV(heads: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [heads, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  // Blanks at the edges are kept by quotes: some readers trim what is bare.
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
