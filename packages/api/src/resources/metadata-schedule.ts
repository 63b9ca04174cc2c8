import { type Static, Type } from 'typebox'
import { literals } from '../wire/primitives.ts'
import { scheduleConditionTypes } from './conditions.ts'
import { defaults } from './defaults.ts'
import { runTemplateSpecSchema } from './metadata-run.ts'
import type { AmxObject } from './object-meta.ts'
import {
  conditionsOf,
  duration,
  exactlyOne,
  field,
  flag,
  integer,
  lastErrorSchema,
  list,
  oneOf,
  text,
  time,
} from './schema-parts.ts'

const standard = defaults.schedule

export const catalogChanges = ['Added', 'TypeChanged', 'Dropped'] as const

const labels = (description: string, maxLength: number) =>
  Type.Record(Type.String(), Type.String({ maxLength }), { description, maxProperties: 50 })

export const metadataScheduleSpecSchema = Type.Object(
  {
    at: Type.Optional(
      text(19, {
        description:
          'Once, at this local time of timeZone, such as 2026-12-31T09:00. A time in the past is rejected at creation.',
        pattern: '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$',
      }),
    ),
    cron: Type.Optional(
      text(120, {
        description: 'Again and again: five fields (minute, hour, day, month, weekday), read in timeZone.',
        rules: [
          {
            rule: "!self.startsWith('TZ=') && !self.startsWith('CRON_TZ=')",
            message: 'write the time zone into timeZone, not into cron',
          },
          {
            rule: "self.matches('^ *[^ ]+( +[^ ]+){4} *$')",
            message: 'cron takes five fields: minute, hour, day of month, month, weekday',
          },
        ],
      }),
    ),
    onChange: Type.Optional(
      Type.Object(
        {
          changes: Type.Optional(
            Type.Array(literals(catalogChanges), {
              description: `Changes of the catalog that start a run. Default: ${standard.onChange.changes.join(', ')}.`,
              minItems: 1,
              maxItems: 3,
              'x-kubernetes-list-type': 'set',
            }),
          ),
          minimumInterval: Type.Optional(
            duration({ description: `Shortest time between two runs. Default: ${standard.onChange.minimumInterval}.` }),
          ),
          checkEvery: Type.Optional(
            duration({ description: `How often the catalog is looked at. Default: ${standard.onChange.checkEvery}.` }),
          ),
        },
        { description: 'When the structure of the database changes.' },
      ),
    ),
    timeZone: Type.Optional(
      text(64, {
        description: `IANA time zone in which at and cron are read. Default: ${standard.timeZone}.`,
        pattern: '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$',
      }),
    ),
    suspend: Type.Optional(
      flag({ description: `Fire nothing for now; suspending and resuming never fires. Default: ${standard.suspend}.` }),
    ),
    startingDeadline: Type.Optional(
      duration({
        description: `An occurrence found later than this after its time is Missed, not fired. Default: ${standard.startingDeadline}.`,
      }),
    ),
    missed: Type.Optional(
      oneOf(['Surface', 'RunOnce'] as const, {
        description: `What happens to missed occurrences. Surface: a person chooses run-now or dismiss; RunOnce: one run catches up. Default: ${standard.missed}.`,
      }),
    ),
    concurrencyPolicy: Type.Optional(
      oneOf(['Forbid', 'Allow', 'Replace'] as const, {
        description: `What happens when the last run still goes on. Default: ${standard.concurrencyPolicy}.`,
      }),
    ),
    historyLimits: Type.Optional(
      Type.Object(
        {
          successful: Type.Optional(
            integer({
              description: `Finished runs kept. Default: ${standard.historyLimits.successful}.`,
              minimum: 0,
              maximum: 100,
            }),
          ),
          failed: Type.Optional(
            integer({
              description: `Failed runs kept. Default: ${standard.historyLimits.failed}.`,
              minimum: 0,
              maximum: 100,
            }),
          ),
        },
        { description: 'How many runs stay in the cluster.' },
      ),
    ),
    runTemplate: Type.Object(
      {
        metadata: Type.Optional(
          Type.Object(
            {
              labels: Type.Optional(labels('Labels of the runs.', 63)),
              annotations: Type.Optional(labels('Annotations of the runs.', 4096)),
            },
            { description: 'Metadata of the runs.' },
          ),
        ),
        spec: runTemplateSpecSchema,
      },
      { description: 'The runs to create.' },
    ),
  },
  field({
    description: 'When to create which runs.',
    rules: [
      exactlyOne(['at', 'cron', 'onChange']),
      {
        rule: "!has(self.runTemplate.spec.desiredState) || self.runTemplate.spec.desiredState == 'Run'",
        message: 'a run cannot begin suspended or cancelled',
        fieldPath: '.runTemplate.spec',
      },
    ],
  }),
)
export type MetadataScheduleSpec = Static<typeof metadataScheduleSpecSchema>

const count = (description: string) => integer({ description, minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const runName = text(253, { description: 'Name of a MetadataRun.' })

export const metadataScheduleStatusSchema = Type.Object(
  {
    observedGeneration: Type.Optional(count('Generation of the spec this status is about.')),
    conditions: Type.Optional(conditionsOf(scheduleConditionTypes, 1024)),
    phase: Type.Optional(
      oneOf(['Pending', 'Paused', 'Running', 'Completed', 'Failed', 'Missed', 'Cancelled'] as const, {
        description: 'Where the schedule stands, in a word.',
      }),
    ),
    nextFireTime: Type.Optional(time({ description: 'When it fires next.' })),
    lastFireTime: Type.Optional(time({ description: 'When it fired last.' })),
    lastRunRef: Type.Optional(Type.Object({ name: runName }, { description: 'The run of the last firing.' })),
    active: Type.Optional(
      list(Type.Object({ name: runName }, { description: 'A run.' }), {
        description: 'Runs that go on now.',
        maxItems: 50,
      }),
    ),
    missed: Type.Optional(
      list(time({ description: 'When it should have fired.' }), {
        description: 'Missed occurrences that wait for a person, the newest 10.',
        maxItems: 10,
      }),
    ),
    fired: Type.Optional(count('How often it fired.')),
    lastSkippedTime: Type.Optional(
      time({ description: 'The last time at which it did not fire since a run went on.' }),
    ),
    lastError: Type.Optional(lastErrorSchema()),
    lastHandledRequest: Type.Optional(text(253, { description: 'Token of the last run-now that was acted on.' })),
    lastHandledDismissal: Type.Optional(
      text(253, { description: 'Token of the last dismiss-missed that was acted on.' }),
    ),
    handledUntil: Type.Optional(
      time({
        description:
          'Up to here every time is dealt with: fired, skipped or missed, or before the schedule was made, told other times or resumed.',
      }),
    ),
    timing: Type.Optional(
      text(71, { description: 'Digest of what says when it fires; another one means that this was changed.' }),
    ),
    catalog: Type.Optional(
      Type.Object(
        {
          checkTime: time({ description: 'When it was looked at last.' }),
          position: Type.Optional(count('Changes up to this one are dealt with. Absent until the first look.')),
        },
        { description: 'Of onChange: what is known of the catalog.' },
      ),
    ),
  },
  { description: 'How the schedule stands.' },
)
export type MetadataScheduleStatus = Static<typeof metadataScheduleStatusSchema>

export type MetadataSchedule = AmxObject<'MetadataSchedule', MetadataScheduleSpec, MetadataScheduleStatus>
