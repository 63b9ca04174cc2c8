import type { RunEvent } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, remark } from '../../command-io.ts'
import { counted, toSecond } from '../../output/figures.ts'
import { type ReportFormat, reportOutputOption } from '../../output/output-format.ts'
import { printReport, type ReportColumn } from '../../output/print-report.ts'
import { eventLine } from '../../progress/event-line.ts'
import { parseRunReference } from '../../results/run-reference.ts'
import { wholeNumber } from '../../whole-number.ts'

interface Options {
  readonly limit: string
  readonly headers: boolean
  readonly output: ReportFormat
}

/** `history events RUN`: what happened, the first thing first. */
export function runEventsCommand(io: CommandIO): Command {
  return new Command('events')
    .description('show what happened in a run so far, the first thing first')
    .argument('<run>', 'name of the run, or name@uid for an older one of that name')
    .option('--limit <n>', 'most events', '10000')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(reportOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string], Options> = async ({ io, connect }, [reference], options) => {
  const limit = wholeNumber(options.limit, '--limit', { atLeast: 1 })
  const { name, ...older } = parseRunReference(reference)
  const { namespace, server: reach } = await connect()
  const server = await reach()
  const events: RunEvent[] = []
  let after: string | null = null
  do {
    const size = Math.min(1_000, limit - events.length)
    const page = await server.eventList(namespace, name, { ...older, limit: size, ...(after !== null && { after }) })
    events.push(...page.events)
    after = page.next
  } while (after !== null && events.length < limit)
  printReport(io, { events }, events, columns, options)
  if (after !== null) remark(io, `the first ${counted(events.length, 'event')}; --limit shows more`)
}

const columns: readonly ReportColumn<RunEvent>[] = [
  { head: 'id', inFiles: true, shown: ({ id }) => id },
  { head: 'time', shown: ({ time }) => toSecond(time), plain: ({ time }) => time },
  { head: 'type', shown: ({ type }) => type },
  { head: 'what', shown: (event) => eventLine(event) ?? facts(event.data) },
  { head: 'data', inFiles: true, shown: ({ data }) => JSON.stringify(data) },
]

function facts(data: RunEvent['data']): string {
  const given = Object.entries(data).filter(([, value]) => value !== null && value !== '')
  return given.map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ')
}
