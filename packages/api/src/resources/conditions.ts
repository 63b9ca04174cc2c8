import { catalogue } from '../errors/catalogue.ts'

// Condition types and reasons of every resource. A reason that comes from an error is the error's own (`catalogue[code].reason`).

/** Conditions of a MetadataRun, in the order they are written. `Succeeded` is the truth; Ready, Reconciling, Stalled are kstatus's. */
export const runConditionTypes = [
  'Succeeded',
  'Ready',
  'Reconciling',
  'Stalled',
  'ScopeResolved',
  'Profiled',
  'Drafted',
  'Reviewed',
  'Applied',
  'Retained',
] as const
export type RunConditionType = (typeof runConditionTypes)[number]

export const databaseProfileConditionTypes = ['Ready', 'Writable'] as const
export const llmProfileConditionTypes = ['Ready'] as const
export type ProfileConditionType = (typeof databaseProfileConditionTypes)[number]
export const contextConditionTypes = ['Ready', 'Reconciling', 'Stalled'] as const
export type ContextConditionType = (typeof contextConditionTypes)[number]
export const scheduleConditionTypes = ['Ready', 'Stalled'] as const
export type ScheduleConditionType = (typeof scheduleConditionTypes)[number]

/** `Recorded` is the one, final condition of a ReviewDecision. */
export const decisionConditionTypes = ['Recorded'] as const
export type DecisionConditionType = (typeof decisionConditionTypes)[number]

/** Reasons of conditions that no error stands behind. */
export const reasons = {
  accepted: 'Accepted',
  pending: 'Pending',
  running: 'Running',
  profiling: 'Profiling',
  drafting: 'Drafting',
  awaitingReview: 'AwaitingReview',
  applying: 'Applying',
  succeeded: 'Succeeded',
  partiallyApplied: 'PartiallyApplied',
  reviewed: 'Reviewed',
  alreadyCompleted: 'AlreadyCompleted',
  dryRun: 'DryRun',
  nothingToDo: 'NothingToDo',
  suspended: 'Suspended',
  cancelling: 'Cancelling',
  cancelled: 'Cancelled',
  finished: 'Finished',
  stageComplete: 'Complete',
  stageWaiting: 'Waiting',
  stageInProgress: 'InProgress',
  stageNotNeeded: 'NotNeeded',
  stageNotReached: 'NotReached',
  stageFailed: 'StageFailed',
  someFailed: 'SomeFailed',
  retrying: 'Retrying',
  missingReference: 'MissingReference',
  trackedByGitOps: 'TrackedByGitOps',
  notOurs: 'MadeByAPerson',
  recorded: 'Recorded',
  indexing: 'Indexing',
  indexed: 'Indexed',
  scheduled: 'Scheduled',
  watching: 'Watching',
  missed: 'Missed',
  testing: 'Testing',
  tested: 'Tested',
  notTested: 'NotTested',
  readOnly: 'NoWriter',
  builtIn: 'BuiltIn',
} as const
export type Reason = (typeof reasons)[keyof typeof reasons]

/**
 * Reasons a person caused by what they asked for or how they set it up; alerts leave them out: those of the catalogue's
 * AMX-1xxx errors, and a person's own pause or stop.
 */
export const userCausedReasons: ReadonlySet<string> = new Set([
  ...Object.entries(catalogue)
    .filter(([code]) => code.startsWith('AMX-1'))
    .map(([, { reason }]) => reason),
  reasons.suspended,
  reasons.cancelling,
  reasons.cancelled,
  reasons.missingReference,
])
