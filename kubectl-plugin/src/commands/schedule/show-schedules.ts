import { defaults, type MetadataSchedule } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark, screenWidth } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { formatCSV } from '../../output/csv.ts'
import { counted } from '../../output/figures.ts'
import {
  isValueFormat,
  type ListFormat,
  listOutputOption,
  type OutputFormat,
  objectName,
  outputOption,
  printValue,
  withoutManagedFields,
} from '../../output/output-format.ts'
import { harmless } from '../../output/paint.ts'
import { formatTable } from '../../output/table.ts'
import { zonedTime } from './firing-times.ts'
import { remarkOnFiring } from './operator-firing.ts'
import { databaseWords, headsUp, phaseWords, scopeWords } from './schedule-words.ts'

interface ListOptions {
  readonly active?: boolean
  readonly past?: boolean
  readonly all?: boolean
  readonly headers: boolean
  readonly output: ListFormat
}

/** `schedule list`: the schedules of the namespace. */
export function listCommand(io: CommandIO): Command {
  return new Command('list')
    .description('show schedules: when they fire, what they fired and where they stand')
    .option('--active', 'those that can still fire (the default)')
    .option('--past', 'those that are over')
    .option('--all', 'both')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(listOutputOption())
    .action(withContext(io, list))
}

const ended: readonly string[] = ['Completed', 'Failed', 'Cancelled']

const list: CommandBody<[], ListOptions> = async ({ io, connect }, _, { active, past, all, headers, output }) => {
  if ([active, past, all].filter(Boolean).length > 1) throw usageError('--active, --past and --all exclude each other')
  const connection = await connect()
  const schedules = (await allSchedules(connection)).filter(
    (schedule) => all || ended.includes(schedule.status?.phase ?? '') === (past === true),
  )
  if (isValueFormat(output)) return printValue(io, { items: schedules }, output)
  if (output === 'name') return print(io, ...schedules.map(objectName))
  if (output === 'csv') {
    io.stdout.write(formatCSV(heads, schedules.map(cells)))
    return
  }
  if (schedules.length === 0) return remark(io, 'there is no such schedule; `kubectl amx schedule add` makes one')
  const wide = output === 'wide'
  const rows = schedules.map((schedule) => cells(schedule).slice(0, wide ? undefined : narrow))
  print(
    io,
    ...formatTable(heads.slice(0, wide ? undefined : narrow), rows, {
      noHeaders: !headers,
      width: wide ? null : screenWidth(io),
    }),
  )
  await remarkOnFiring(connection, io)
}

async function allSchedules({ kubernetes, namespace }: Connection): Promise<MetadataSchedule[]> {
  const { items } = await kubernetes.get<{ items: MetadataSchedule[] }>(resourcePath('MetadataSchedule', namespace))
  return items.map((item) => ({
    ...withoutManagedFields(item),
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'MetadataSchedule',
  }))
}

const heads = [
  'name',
  'phase',
  'when',
  'zone',
  'next',
  'last',
  'scope',
  'database',
  'model',
  'fired',
  'last run',
] as const
const narrow = 8

function cells(schedule: MetadataSchedule): string[] {
  const { metadata, spec, status } = schedule
  const zone = spec.timeZone ?? defaults.schedule.timeZone
  const time = (text: string | undefined) => (text === undefined ? '-' : zonedTime(new Date(text), zone))
  const run = spec.runTemplate.spec
  return [
    metadata.name,
    phaseWords(schedule),
    spec.cron ?? spec.at ?? 'on change',
    zone,
    time(status?.nextFireTime),
    time(status?.lastFireTime),
    scopeWords(run),
    databaseWords(run),
    run.llmProfileRef?.name ?? '-',
    String(status?.fired ?? 0),
    status?.lastRunRef?.name ?? '-',
  ]
}

/** `schedule show NAME`: one schedule. */
export function showCommand(io: CommandIO): Command {
  return new Command('show')
    .description('show one schedule: when it fires next, what its runs do, what was missed')
    .argument('<schedule>', 'name of the schedule')
    .addOption(outputOption())
    .action(withContext(io, show))
}

const show: CommandBody<[string], { readonly output: OutputFormat }> = async ({ io, connect }, [name], { output }) => {
  const connection = await connect()
  const path = resourcePath('MetadataSchedule', connection.namespace, name)
  const schedule = withoutManagedFields(await connection.kubernetes.get<MetadataSchedule>(path))
  if (isValueFormat(output)) return printValue(io, schedule, output)
  if (output === 'name') return print(io, objectName(schedule))
  const { spec, status } = schedule
  print(io, `${name}: ${phaseWords(schedule)}`, ...headsUp(spec, io.now()).map(harmless))
  const zone = spec.timeZone ?? defaults.schedule.timeZone
  if (status?.lastFireTime) {
    const run = status.lastRunRef === undefined ? '' : ` as run ${status.lastRunRef.name}`
    print(
      io,
      `Fired ${counted(status.fired ?? 1, 'time')}, last ${zonedTime(new Date(status.lastFireTime), zone)}${run}.`,
    )
  } else print(io, 'It never fired.')
  if (status?.lastSkippedTime) {
    print(io, `Left out ${zonedTime(new Date(status.lastSkippedTime), zone)}, since a run still went on.`)
  }
  if (status?.catalog) print(io, `Looked at the catalog ${zonedTime(new Date(status.catalog.checkTime), zone)}.`)
  const missed = status?.missed ?? []
  if (missed.length > 0) {
    print(io, 'Missed; `schedule run-now` catches up, `schedule dismiss` forgets:')
    print(io, ...missed.map((time) => `  ${zonedTime(new Date(time), zone)}`))
  }
  if (status?.lastError) {
    const { code, message, remedy } = status.lastError
    print(io, harmless(`Last error ${code}: ${message}`), harmless(remedy))
  }
  await remarkOnFiring(connection, io)
}
