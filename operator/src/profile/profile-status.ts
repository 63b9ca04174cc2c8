import {
  AmxError,
  type Condition,
  type DatabaseProfileStatus,
  type ErrorReport,
  type LLMProfileStatus,
  type ModelFinding,
  type ProfileConditionType,
  type ProfileFinding,
  type ProfileTestPart,
  type ReaderFinding,
  reasons,
  type WriterFinding,
} from '@amx/api'
import type { ProfileTestObservation, ProfileTestPartView } from '@amx/store'
import { type Judgement, reasonOf, sentence } from '../run/decision.ts'
import type { TestDecision, TestPlan } from './decide-test.ts'
import { type Profile, testRequest } from './plan-tests.ts'

export interface ProfileStatusParts {
  readonly profile: Profile
  readonly plan: TestPlan
  readonly decision: TestDecision
  /** Null while the store does not answer, and where there is nothing to test. */
  readonly observation: ProfileTestObservation | null
  readonly nowMs: number
}

type ProfileStatus = DatabaseProfileStatus & LLMProfileStatus

/** A test that is over, by its parts. */
type Found = ReadonlyMap<ProfileTestPart, ProfileTestPartView>

/** The status of a profile, computed once per reconcile. */
export function profileStatus(parts: ProfileStatusParts): ProfileStatus {
  const { profile, plan, decision } = parts
  const { metadata } = profile.object
  const observedGeneration = metadata.generation ?? 1
  const before: ProfileStatus = profile.object.status ?? {}
  const kept = before.observedGeneration === observedGeneration ? before : {}
  const found = foundBy(parts)
  const judged = found === null ? pending(kept, parts) : judgements(profile, plan, found, kept)
  const error = found === null ? kept.lastError : firstError(plan, found)
  const handled = (found === null ? null : handledRequest(parts)) ?? before.lastHandledRequest
  const nextTestTime = found === null ? kept.nextTestTime : timeText(decision.nextTestAtMs)
  return {
    observedGeneration,
    conditions: judged.map(({ type, ...judgement }) => conditionOf(before, type, judgement, parts)),
    ...facts(kept),
    ...(found !== null && newFacts(found)),
    ...(handled !== undefined && { lastHandledRequest: handled }),
    ...(nextTestTime !== undefined && { nextTestTime }),
    ...(error !== undefined && {
      lastError: { ...error, message: error.message.slice(0, 400), remedy: error.remedy.slice(0, 260) },
    }),
  }
}

/** The newest test by its parts once it is over; without parts where nothing is tested; null while there is no result. */
function foundBy({ plan, decision, observation }: ProfileStatusParts): Found | null {
  if (plan.kind !== 'Test') return new Map()
  const newest = observation?.newest
  if (decision.state !== 'Settled' || !newest) return null
  return new Map(newest.parts.map((part) => [part.part, part]))
}

type TypedJudgement = Judgement & { readonly type: ProfileConditionType }

/** What holds while there is no result: what held before for the same spec, else that nothing is known. */
function pending(kept: ProfileStatus, { decision }: ProfileStatusParts): TypedJudgement[] {
  const ready = known(kept, 'Ready')
  const writable = known(kept, 'Writable')
  if (ready !== null)
    return [{ type: 'Ready', ...ready }, ...(writable === null ? [] : [{ type: 'Writable' as const, ...writable }])]
  const reason = decision.state === 'NotTested' ? reasons.notTested : reasons.testing
  return [{ type: 'Ready', status: 'Unknown', reason, message: decision.message }]
}

function judgements(profile: Profile, plan: TestPlan, found: Found, kept: ProfileStatus): TypedJudgement[] {
  if (plan.kind === 'Refused') return [{ type: 'Ready', ...failed(plan.error) }]
  if (plan.kind === 'BuiltIn') {
    const message = 'The built-in drafter needs no key and no network.'
    return [{ type: 'Ready', status: 'True', reason: reasons.builtIn, message }]
  }
  if (profile.kind === 'LLMProfile') {
    const model = found.get('Model')
    const wordsOf = (finding: ProfileFinding) => modelWords(profile, finding as ModelFinding)
    return [{ type: 'Ready', ...judged(model, wordsOf, known(kept, 'Ready')) }]
  }
  const wordsOf = (finding: ProfileFinding) => readerWords(finding as ReaderFinding)
  return [
    { type: 'Ready', ...judged(found.get('Reader'), wordsOf, known(kept, 'Ready')) },
    { type: 'Writable', ...writable(found.get('Writer'), known(kept, 'Writable')) },
  ]
}

function judged(
  ended: ProfileTestPartView | undefined,
  wordsOf: (finding: ProfileFinding) => string,
  before: Judgement | null,
): Judgement {
  if (ended?.error && isInconclusive(ended.error)) return before ?? { ...failed(ended.error), status: 'Unknown' }
  if (ended?.error) return failed(ended.error)
  if (!ended?.finding) return { status: 'Unknown', reason: reasons.notTested, message: 'It was not tested.' }
  return { status: 'True', reason: reasons.tested, message: wordsOf(ended.finding) }
}

function writable(ended: ProfileTestPartView | undefined, before: Judgement | null): Judgement {
  if (ended === undefined) {
    const message = 'The profile names no writerSecretRef: nothing is written through it.'
    return { status: 'False', reason: reasons.readOnly, message }
  }
  const lacking = writerError(ended)
  if (lacking !== null) return failed(lacking)
  return judged(ended, (finding) => writerWords(finding as WriterFinding), before)
}

/** Whether a test could not be made, for a cause in the cluster or in the program: it says nothing about the profile. */
function isInconclusive({ code }: ErrorReport): boolean {
  return code.startsWith('AMX-4') || code.startsWith('AMX-9')
}

/** What was found of the same spec before, or null. */
function known({ conditions }: ProfileStatus, type: ProfileConditionType): Judgement | null {
  const found = conditions?.find((condition) => condition.type === type && condition.status !== 'Unknown')
  return found === undefined ? null : { status: found.status, reason: found.reason, message: found.message }
}

function failed(error: ErrorReport): Judgement {
  return { status: 'False', reason: reasonOf(error), message: sentence(error) }
}

/** A writer that may not comment on everything, as an error with a remedy. */
function writerError({ finding }: ProfileTestPartView): ErrorReport | null {
  if (finding?.part !== 'Writer' || finding.tables === null) return null
  const { seen, writable } = finding.tables
  if (writable >= seen) return null
  const more = seen - writable - finding.refused.length
  const refused = `${finding.refused.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return new AmxError('AMX-1095', { writable: String(writable), seen: String(seen), refused }).report()
}

function firstError(plan: TestPlan, found: Found): ErrorReport | undefined {
  if (plan.kind === 'Refused') return plan.error
  const ended = [...found.values()]
  const errors = ended.map(({ error }) => error).concat(ended.map(writerError))
  return errors.find((error) => error !== null) ?? undefined
}

function readerWords({ serverVersion, inventory }: ReaderFinding): string {
  if (inventory === null) return 'The reader signs in; the profile names no database, so nothing was counted in one.'
  const { schemas, tables, columns, documented } = inventory
  return `Version ${serverVersion}: the reader sees ${tables} tables and views with ${columns} columns in ${schemas} schemas; ${documented} columns have a comment.`
}

function writerWords({ tables }: WriterFinding): string {
  if (tables === null) return 'The writer signs in; the profile names no database, so no table was looked at.'
  return `The writer may comment on all ${tables.seen} tables and views.`
}

function modelWords({ object }: Extract<Profile, { kind: 'LLMProfile' }>, { capabilities }: ModelFinding): string {
  const offers = [
    ...(capabilities.structuredOutput === true ? ['replies held to a schema'] : []),
    ...(capabilities.logprobs === true ? ['token probabilities'] : []),
    ...(capabilities.reasoning === true ? ['reasoning'] : []),
  ]
  return `${object.spec.model ?? 'The model'} answers${offers.length === 0 ? '' : `, with ${offers.join(', ')}`}.`
}

/** What was found and stays until something else is found. */
function facts({ serverVersion, capabilities, inventory, catalogTime, lastTestTime }: ProfileStatus): ProfileStatus {
  return {
    ...(serverVersion !== undefined && { serverVersion }),
    ...(capabilities !== undefined && { capabilities }),
    ...(inventory !== undefined && { inventory }),
    ...(catalogTime !== undefined && { catalogTime }),
    ...(lastTestTime !== undefined && { lastTestTime }),
  }
}

function newFacts(found: Found): ProfileStatus {
  const made = [...found.values()].filter(({ error }) => error === null || !isInconclusive(error))
  const ends = made.flatMap(({ endedAt }) => endedAt ?? [])
  const lastTestTime = ends.sort().at(-1)
  return {
    ...databaseFacts(found.get('Reader')),
    ...modelFacts(found.get('Model')),
    ...(lastTestTime !== undefined && { lastTestTime }),
  }
}

function databaseFacts(reader: ProfileTestPartView | undefined): DatabaseProfileStatus {
  if (reader?.finding?.part !== 'Reader') return {}
  const { serverVersion, capabilities, inventory } = reader.finding
  return {
    ...(serverVersion !== null && { serverVersion, capabilities }),
    ...(inventory !== null && { inventory }),
    ...(inventory !== null && reader.endedAt !== null && { catalogTime: reader.endedAt }),
  }
}

function modelFacts(model: ProfileTestPartView | undefined): LLMProfileStatus {
  return model?.finding?.part === 'Model' ? { capabilities: model.finding.capabilities } : {}
}

/** The request that what is shown is the answer to. */
function handledRequest({ profile, plan, observation }: ProfileStatusParts): string | null {
  return plan.kind === 'Test' ? (observation?.newest?.request ?? null) : testRequest(profile)
}

function timeText(atMs: number | null): string | undefined {
  return atMs === null ? undefined : new Date(atMs).toISOString()
}

function conditionOf(
  before: ProfileStatus,
  type: ProfileConditionType,
  judgement: Judgement,
  { profile, nowMs }: ProfileStatusParts,
): Condition {
  const old = before.conditions?.find((known) => known.type === type)
  return {
    type,
    ...judgement,
    message: judgement.message.slice(0, 1_000),
    observedGeneration: profile.object.metadata.generation ?? 1,
    lastTransitionTime: old?.status === judgement.status ? old.lastTransitionTime : new Date(nowMs).toISOString(),
  }
}
