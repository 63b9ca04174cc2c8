import { origins, parseDurationMs, type RunSort, type RunSummary, runPhases, runSorts, runTypes } from '@amx/api'
import { Command, Option } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import type { ServerClient } from '../../connection/server-client.ts'
import { counted, dollars, grouped, spokenDuration, toSecond } from '../../output/figures.ts'
import { formatOption, type ListFormat, type ReportFormat } from '../../output/output-format.ts'
import { printReport, type ReportColumn } from '../../output/print-report.ts'
import { wholeNumber } from '../../whole-number.ts'
import { showAssetChanges } from './asset-changes.ts'

interface Options {
  readonly type?: string
  readonly phase?: string
  readonly since?: string
  readonly search?: string
  readonly origin?: string
  readonly sort: RunSort
  readonly ascending?: boolean
  readonly limit: string
  readonly headers: boolean
  readonly output: ListFormat | ReportFormat
}

/** `history list`: runs of the namespace as the server keeps them. */
export function listRunsCommand(io: CommandIO): Command {
  return new Command('list')
    .description('list runs, the newest first, with what they made and what they cost')
    .argument('[asset]', 'an asset instead: what was written to it, as of history asset')
    .option('--type <types>', `runs of these types, apart by commas: ${runTypes.join(', ')}`)
    .option('--phase <phases>', `runs in these phases, apart by commas: ${runPhases.join(', ')}`)
    .option(
      '--since <time>',
      'runs that began within this time, such as 12h, 7d or 4w, or since a date such as 2026-11-01',
    )
    .option('--search <words>', 'runs with these words in name, scope, model, profile, type or phase')
    .addOption(new Option('--origin <origin>', 'who made the run').choices([...origins, 'none']))
    .addOption(new Option('--sort <by>', 'order of the runs').choices(runSorts).default('started'))
    .option('--ascending', 'the smallest, or oldest, first')
    .option('--limit <n>', 'most runs', '50')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(formatOption(['table', 'wide', 'json', 'yaml', 'name', 'csv', 'md']))
    .action(withContext(io, body))
}

const body: CommandBody<[string | undefined], Options> = async (context, [asset], options) => {
  const { io, connect } = context
  if (asset !== undefined) {
    const { output } = options
    if (output === 'wide' || output === 'name' || output === 'md')
      throw usageError(`-o ${output} is for the list of runs`)
    return showAssetChanges(context, asset, { ...options, output })
  }
  const limit = wholeNumber(options.limit, '--limit', { atLeast: 1 })
  const { type, phase, search, origin, sort } = options
  const query = {
    sort,
    ...(options.ascending && { order: 'ascending' as const }),
    ...(type !== undefined && { type }),
    ...(phase !== undefined && { phase }),
    ...(search !== undefined && { search }),
    ...(origin !== undefined && { origin }),
    ...(options.since !== undefined && { since: beginOf(options.since, io.now()) }),
  }
  const { namespace, server: reach } = await connect()
  const { runs, more } = await readRuns(await reach(), namespace, query, limit)
  const { output } = options
  if (output === 'name') print(io, ...runs.map(({ name }) => name))
  else if (runs.length === 0 && (output === 'table' || output === 'wide'))
    remark(io, `No runs found in namespace "${namespace}".`)
  else
    printReport(io, { runs }, runs, columnsOf(output === 'wide', io.now()), {
      ...options,
      output: output === 'wide' ? 'table' : output,
    })
  if (more) remark(io, `the first ${counted(runs.length, 'run')}; --limit shows more`)
}

type Query = Parameters<ServerClient['runList']>[1]

async function readRuns(server: ServerClient, namespace: string, query: Query, limit: number) {
  const runs: RunSummary[] = []
  let next: string | null = null
  do {
    const size = Math.min(500, limit - runs.length)
    const page = await server.runList(namespace, { ...query, limit: size, ...(next !== null && { continue: next }) })
    runs.push(...page.runs)
    next = page.next
  } while (next !== null && runs.length < limit)
  return { runs, more: next !== null }
}

/** The time that `--since` means, as text. Throws AMX-1014 for what is none. */
function beginOf(text: string, now: Date): string {
  const [, amount, unit] = /^(\d{1,4})([dw])$/.exec(text) ?? []
  if (amount !== undefined)
    return new Date(now.getTime() - Number(amount) * (unit === 'w' ? 7 : 1) * 86_400_000).toISOString()
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : null
  if (date !== null && !Number.isNaN(date.getTime())) return date.toISOString()
  return new Date(now.getTime() - parseDurationMs(text, '--since')).toISOString()
}

function columnsOf(wide: boolean, now: Date): ReportColumn<RunSummary>[] {
  const aside: { inFiles?: true } = wide ? {} : { inFiles: true }
  return [
    { head: 'name', shown: ({ name }) => name },
    { head: 'uid', ...aside, shown: ({ uid }) => uid },
    { head: 'type', shown: ({ type }) => type },
    { head: 'phase', shown: phaseOf, plain: ({ phase }) => phase },
    {
      head: 'reason',
      ...aside,
      shown: ({ explanation }) => explanation?.reason ?? '-',
      plain: ({ explanation }) => explanation?.message ?? null,
    },
    { head: 'scope', shown: ({ scope }) => scope },
    { head: 'model', shown: ({ model }) => model ?? '-', plain: ({ model }) => model },
    { head: 'columns', shown: ({ columns }) => grouped(columns.drafted), plain: ({ columns }) => columns.drafted },
    { head: 'accepted', shown: ({ review }) => grouped(review.accepted), plain: ({ review }) => review.accepted },
    { head: 'written', shown: ({ apply }) => grouped(apply.applied), plain: ({ apply }) => apply.applied },
    {
      head: 'confidence',
      ...aside,
      shown: ({ confidence: { mean } }) => mean?.toFixed(2) ?? '-',
      plain: ({ confidence }) => confidence.mean,
    },
    { head: 'cost', shown: costOf, plain: ({ cost }) => cost.amount },
    { head: 'duration', shown: (run) => durationOf(run, now), plain: durationSeconds },
    { head: 'origin', ...aside, shown: ({ origin }) => origin ?? '-', plain: ({ origin }) => origin ?? null },
    {
      head: 'started',
      shown: ({ startedAt }) => toSecond(startedAt),
      plain: ({ startedAt }) => startedAt,
    },
    { head: 'in cluster', ...aside, shown: inCluster },
  ]
}

/** With a mark where the object is gone: kubectl does not show such a run. */
function phaseOf({ phase, archivedAt }: RunSummary): string {
  return archivedAt === null || archivedAt === undefined ? phase : `${phase}, deleted`
}

function inCluster({ archivedAt }: RunSummary): string {
  return archivedAt === null || archivedAt === undefined ? 'yes' : 'no'
}

function costOf({ cost }: RunSummary): string {
  if (cost.amount === null) return 'unknown'
  return cost.unpricedCalls + cost.unknownCalls > 0 ? `${dollars(cost.amount)} and more` : dollars(cost.amount)
}

function durationSeconds({ startedAt, finishedAt }: RunSummary): number | null {
  return finishedAt === null ? null : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000
}

function durationOf({ startedAt, finishedAt }: RunSummary, now: Date): string {
  const end = finishedAt === null ? now.getTime() : Date.parse(finishedAt)
  return `${spokenDuration(Math.max(0, end - Date.parse(startedAt)))}${finishedAt === null ? ' so far' : ''}`
}
