import type { TSchema } from 'typebox'
import { contextSourceSpecSchema, contextSourceStatusSchema } from './context-source.ts'
import { databaseProfileSpecSchema, databaseProfileStatusSchema } from './database-profile.ts'
import { type Kind, kinds } from './group.ts'
import { llmProfileSpecSchema, llmProfileStatusSchema } from './llm-profile.ts'
import { metadataRunSpecSchema } from './metadata-run.ts'
import { metadataRunStatusSchema } from './metadata-run-status.ts'
import { metadataScheduleSpecSchema, metadataScheduleStatusSchema } from './metadata-schedule.ts'
import { reviewDecisionSpecSchema, reviewDecisionStatusSchema } from './review-decision.ts'

export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date'
  readonly jsonPath: string
  readonly description: string
  /** 0 is shown always, 1 with `-o wide`. */
  readonly priority?: 0 | 1
}

/** Everything about a kind that its CustomResourceDefinition says. */
export interface ResourceDefinition {
  readonly kind: Kind
  readonly description: string
  readonly spec: TSchema
  readonly status: TSchema
  readonly printerColumns: readonly PrinterColumn[]
  /** Fields that `--field-selector` and watches may filter by. */
  readonly selectableFields: readonly string[]
}

const age: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since the object was created.',
}

function column(name: string, jsonPath: string, description: string, rest: Partial<PrinterColumn> = {}): PrinterColumn {
  return { name, type: 'string', jsonPath, description, ...rest }
}

const ready = column('Ready', '.status.conditions[?(@.type=="Ready")].status', 'Whether it works.')
const whyReady = column('Reason', '.status.conditions[?(@.type=="Ready")].reason', 'Why it works, or does not.')
const wide = { priority: 1 } as const
const number = { type: 'integer' } as const

const byKind = {
  DatabaseProfile: {
    description:
      'A warehouse to document: how to connect, with whose credentials, how much to read and what may leave.',
    spec: databaseProfileSpecSchema,
    status: databaseProfileStatusSchema,
    selectableFields: ['.spec.backend'],
    printerColumns: [
      column('Backend', '.spec.backend', 'Kind of warehouse.'),
      ready,
      whyReady,
      column('Tables', '.status.inventory.tables', 'Tables and views the reader sees.', number),
      column('Columns', '.status.inventory.columns', 'Columns the reader sees.', number),
      column('Documented', '.status.inventory.documented', 'Columns that have a comment.', number),
      column('Version', '.status.serverVersion', 'Version of the server.'),
      column(
        'Writable',
        '.status.conditions[?(@.type=="Writable")].status',
        'Whether the writer may comment on every table.',
        wide,
      ),
      column('Tested', '.status.lastTestTime', 'When it was last tested.', { type: 'date', ...wide }),
      age,
    ],
  },
  LLMProfile: {
    description: 'A language model: whose API, which model, how hard it may be used and what it costs.',
    spec: llmProfileSpecSchema,
    status: llmProfileStatusSchema,
    selectableFields: ['.spec.provider'],
    printerColumns: [
      column('Provider', '.spec.provider', 'Whose API is spoken.'),
      column('Model', '.spec.model', 'Model.'),
      ready,
      whyReady,
      column('Concurrency', '.spec.limits.concurrency', 'Calls in flight at the same time.', { ...number, ...wide }),
      column('Tested', '.status.lastTestTime', 'When it was last tested.', { type: 'date', ...wide }),
      age,
    ],
  },
  ContextSource: {
    description: 'Documents or code that a draft may cite.',
    spec: contextSourceSpecSchema,
    status: contextSourceStatusSchema,
    selectableFields: ['.spec.kind'],
    printerColumns: [
      column('Kind', '.spec.kind', 'Documents or code.'),
      ready,
      column('Revision', '.status.revision', 'Revision that is indexed.'),
      column('Documents', '.status.documents', 'Documents indexed.', number),
      column('Chunks', '.status.chunks', 'Chunks indexed.', number),
      column('Skipped', '.status.skipped', 'Files left out.', { ...number, ...wide }),
      column('Indexed', '.status.lastIndexTime', 'When the source was last read.', { type: 'date' }),
      age,
    ],
  },
  MetadataRun: {
    description: 'One pass over tables: profile, draft, review and, where asked for, apply.',
    spec: metadataRunSpecSchema,
    status: metadataRunStatusSchema,
    selectableFields: ['.spec.type', '.spec.llmProfileRef.name', '.spec.source.runRef.name'],
    printerColumns: [
      column('Type', '.spec.type', 'What kind of run this is.'),
      column('Phase', '.status.phase', 'Where the run stands.'),
      column('Progress', '.status.progress', 'Tables settled of tables in scope.'),
      column('High', '.status.confidence.high', 'Rows of the band High.', number),
      column('Med', '.status.confidence.medium', 'Rows of the band Medium.', number),
      column('Low', '.status.confidence.low', 'Rows of the band Low.', number),
      column('Cost', '.status.cost.amount', 'Cost in US dollars.'),
      column('Model', '.status.settings.model', 'Model that drafts.', wide),
      column('Copied', '.status.deduplicated.columns', 'Columns copied from equal ones.', { ...number, ...wide }),
      column('Saved', '.status.deduplicated.calls', 'Calls that were not made for them.', { ...number, ...wide }),
      column('Duration', '.status.duration', 'Active time.', wide),
      column('Reason', '.status.conditions[?(@.type=="Succeeded")].reason', 'Why the run stands as it does.', wide),
      age,
    ],
  },
  MetadataSchedule: {
    description: 'Runs to create at a time, again and again, or when the structure of the database changes.',
    spec: metadataScheduleSpecSchema,
    status: metadataScheduleStatusSchema,
    selectableFields: [],
    printerColumns: [
      column('Cron', '.spec.cron', 'When, again and again.'),
      column('At', '.spec.at', 'When, once.', wide),
      column('Zone', '.spec.timeZone', 'Time zone.', wide),
      column('Phase', '.status.phase', 'Where the schedule stands.'),
      column('Next', '.status.nextFireTime', 'When it fires next.'),
      column('Last', '.status.lastFireTime', 'When it fired last.', { type: 'date' }),
      column('Fired', '.status.fired', 'How often it fired.', { ...number, ...wide }),
      age,
    ],
  },
  ReviewDecision: {
    description: 'What a person decided about the drafts of a run: all of it is recorded, or nothing.',
    spec: reviewDecisionSpecSchema,
    status: reviewDecisionStatusSchema,
    selectableFields: ['.spec.runRef.name', '.spec.reviewer.username'],
    printerColumns: [
      column('Run', '.spec.runRef.name', 'Run decided about.'),
      column('Reviewer', '.spec.reviewer.username', 'Who decided.'),
      column('Recorded', '.status.conditions[?(@.type=="Recorded")].status', 'Whether it was recorded.'),
      column('Reason', '.status.conditions[?(@.type=="Recorded")].reason', 'Why, or why not.'),
      column('Accepted', '.status.counts.accepted', 'Rows accepted.', number),
      column('Skipped', '.status.counts.skipped', 'Rows skipped.', { ...number, ...wide }),
      column('Rejected', '.status.counts.rejected', 'Rows rejected.', { ...number, ...wide }),
      age,
    ],
  },
} as const satisfies Record<Kind, Omit<ResourceDefinition, 'kind'>>

/** The six resources, in the order a newcomer reads them. */
export const resourceDefinitions: readonly ResourceDefinition[] = kinds.map((kind) => ({ kind, ...byKind[kind] }))

/** The definition of one kind. */
export function resourceDefinition(kind: Kind): ResourceDefinition {
  return { kind, ...byKind[kind] }
}
