import { apiVersion, type MetadataSchedule, type MetadataScheduleSpec, type MetadataScheduleStatus } from '@amx/api'
import type { RunView, ScheduleObserved } from './schedule-observed.ts'

// What the tests of the decisions start from: a schedule of every day at six, made a day ago and seen since.

export const nowMs = Date.parse('2026-11-21T10:00:00Z')

export interface ScheduleChanges {
  readonly spec?: Partial<MetadataScheduleSpec>
  readonly status?: MetadataScheduleStatus
  readonly annotations?: Record<string, string>
  readonly name?: string
  readonly generation?: number
}

export function fixtureSchedule({
  spec,
  status,
  annotations,
  name,
  generation,
}: ScheduleChanges = {}): MetadataSchedule {
  return {
    apiVersion,
    kind: 'MetadataSchedule',
    metadata: {
      name: name ?? 'nightly',
      namespace: 'team',
      uid: 'uid-1',
      resourceVersion: '10',
      generation: generation ?? 1,
      creationTimestamp: '2026-11-20T10:00:00Z',
      ...(annotations && { annotations }),
    },
    spec: {
      ...(spec?.at === undefined && spec?.onChange === undefined && { cron: '0 6 * * *' }),
      runTemplate: {
        spec: {
          type: 'Analyze',
          targets: [{ databaseProfileRef: { name: 'shop-db' } }],
          llmProfileRef: { name: 'model' },
        },
      },
      ...spec,
    },
    status: {
      observedGeneration: 1,
      timing: 'sha256:t1',
      handledUntil: '2026-11-21T06:00:00Z',
      ...status,
    },
  }
}

export function observedSchedule(
  changes: ScheduleChanges = {},
  more: Partial<ScheduleObserved> = {},
): ScheduleObserved {
  return {
    schedule: fixtureSchedule(changes),
    timing: 'sha256:t1',
    changedAtMs: Date.parse('2026-11-20T10:00:00Z'),
    runs: [],
    catalog: null,
    nowMs,
    ...more,
  }
}

export function fixtureRunView(changes: Partial<RunView> = {}): RunView {
  return {
    name: 'nightly-1',
    phase: 'Succeeded',
    isCheck: false,
    createdAtMs: nowMs - 3_600_000,
    deleting: false,
    trouble: null,
    collectable: true,
    ...changes,
  }
}
