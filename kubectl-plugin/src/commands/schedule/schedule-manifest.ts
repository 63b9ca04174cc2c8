import { type AmxManifest, apiVersion, catalogChanges, type MetadataScheduleSpec } from '@amx/api'
import { type Command, Option } from 'commander'
import { usageError } from '../../connection/connection-options.ts'
import type { RunPlace } from '../run/create-run.ts'
import { type RunOptions, runManifest } from '../run/run-manifest.ts'
import { nextTimes } from './firing-times.ts'

/** What says when a schedule fires, as the command line gives it. */
export interface WhenOptions {
  readonly at?: string
  readonly cron?: string
  readonly onChange?: string
  readonly minimumInterval?: string
  readonly checkEvery?: string
  readonly tz?: string
  readonly deadline?: string
  readonly missed?: keyof typeof missedPolicies
  readonly concurrency?: keyof typeof concurrencyPolicies
}

interface ScheduleOptions extends Omit<RunOptions, 'name'>, WhenOptions {
  readonly name: string
  readonly suspend?: boolean
}

const missedPolicies = { surface: 'Surface', 'run-once': 'RunOnce' } as const
const concurrencyPolicies = { forbid: 'Forbid', allow: 'Allow', replace: 'Replace' } as const

/** Gives a command the options that say when a schedule fires. */
export function addWhenOptions(command: Command): Command {
  return command
    .option('--at <time>', 'once, at this local time, such as 2026-12-31T09:00')
    .option('--cron <fields>', "again and again: minute, hour, day, month, weekday, such as '0 6 * * 1-5'")
    .option('--on-change <changes>', `when the catalog changes: ${catalogChanges.join(',')}, or all`)
    .option('--minimum-interval <time>', 'shortest time between two runs of --on-change')
    .option('--check-every <time>', 'how often --on-change looks at the catalog')
    .option('--tz <zone>', 'IANA time zone of --at and --cron, such as Europe/Istanbul (default: Etc/UTC)')
    .option('--deadline <time>', 'a time found later than this is missed, not fired')
    .addOption(new Option('--missed <what>', 'what happens to a missed time').choices(Object.keys(missedPolicies)))
    .addOption(
      new Option('--concurrency <policy>', 'what happens while the last run still goes on').choices(
        Object.keys(concurrencyPolicies),
      ),
    )
}

/** The MetadataSchedule that a command line asks for. Pure; throws AMX-1011, AMX-1014 and AMX-1081 for what it cannot mean. */
export function scheduleManifest(
  scope: readonly string[],
  options: ScheduleOptions,
  place: RunPlace,
): AmxManifest<'MetadataSchedule', MetadataScheduleSpec> {
  const when = whenOf(options)
  if (when.at === undefined && when.cron === undefined && when.onChange === undefined) {
    throw usageError('say when: --at, --cron or --on-change')
  }
  const { spec } = runManifest(scope, options, place)
  const { labels } = runManifest(scope, options, place).metadata
  return {
    apiVersion,
    kind: 'MetadataSchedule',
    metadata: {
      name: options.name,
      ...(place.namespace !== null && { namespace: place.namespace }),
      ...(labels && { labels }),
    },
    spec: { ...when, ...(options.suspend && { suspend: true }), runTemplate: { spec } },
  }
}

/** The part of a spec that the flags about time name. Pure; throws AMX-1014 and AMX-1081 for what they cannot mean. */
export function whenOf(options: WhenOptions): Partial<Omit<MetadataScheduleSpec, 'runTemplate'>> {
  const { at, cron, onChange, minimumInterval, checkEvery, tz, deadline, missed, concurrency } = options
  const triggers = [at, cron, onChange].filter((trigger) => trigger !== undefined)
  if (triggers.length > 1) throw usageError('--at, --cron and --on-change exclude each other')
  if (onChange === undefined && (minimumInterval !== undefined || checkEvery !== undefined)) {
    throw usageError('--minimum-interval and --check-every belong to --on-change')
  }
  const when = {
    ...(at !== undefined && { at }),
    ...(cron !== undefined && { cron }),
    ...(onChange !== undefined && {
      onChange: {
        ...changesOf(onChange),
        ...(minimumInterval !== undefined && { minimumInterval }),
        ...(checkEvery !== undefined && { checkEvery }),
      },
    }),
    ...(tz !== undefined && { timeZone: tz }),
    ...(deadline !== undefined && { startingDeadline: deadline }),
    ...(missed !== undefined && { missed: missedPolicies[missed] }),
    ...(concurrency !== undefined && { concurrencyPolicy: concurrencyPolicies[concurrency] }),
  }
  // Whatever the library cannot read is refused before anything is sent.
  nextTimes(when, 1, new Date(0))
  return when
}

function changesOf(text: string): Pick<NonNullable<MetadataScheduleSpec['onChange']>, 'changes'> {
  if (text.toLowerCase() === 'all') return {}
  const changes = text.split(',').map((word) => {
    const found = catalogChanges.find((change) => change.toLowerCase() === word.trim().toLowerCase())
    if (found === undefined) throw usageError(`--on-change ${word}: write ${catalogChanges.join(', ')} or all`)
    return found
  })
  return { changes }
}
