import { type CommandIO, print, screenWidth } from '../command-io.ts'
import { formatCSV } from './csv.ts'
import { markdownTable } from './markdown-table.ts'
import { isValueFormat, printValue, type ReportFormat } from './output-format.ts'
import { formatTable } from './table.ts'

/** One column of a report: how a person reads its cells, and what a file holds of them. */
export interface ReportColumn<Row> {
  readonly head: string
  readonly shown: (row: Row) => string
  /** @default what is shown */
  readonly plain?: (row: Row) => string | number | null
  /** Only in files, for there is no room on a screen. */
  readonly inFiles?: true
}

export interface ReportOptions {
  readonly output: ReportFormat
  readonly headers: boolean
}

/** Rows as a table that fits the terminal, as Markdown or CSV; as JSON, YAML or by a template the value itself. */
export function printReport<Row>(
  io: CommandIO,
  value: unknown,
  rows: readonly Row[],
  columns: readonly ReportColumn<Row>[],
  { output, headers }: ReportOptions,
): void {
  if (isValueFormat(output)) {
    printValue(io, value, output)
    return
  }
  if (output === 'csv') {
    const lines = rows.map((row) => columns.map(({ shown, plain = shown }) => plain(row)))
    io.stdout.write(
      formatCSV(
        columns.map(({ head }) => head),
        lines,
      ),
    )
    return
  }
  const visible = columns.filter(({ inFiles }) => inFiles !== true)
  const heads = visible.map(({ head }) => head)
  const lines = rows.map((row) => visible.map(({ shown }) => shown(row)))
  if (output === 'md') {
    print(io, ...markdownTable(heads, lines))
    return
  }
  print(io, ...formatTable(heads, lines, { noHeaders: !headers, width: screenWidth(io) }))
}
