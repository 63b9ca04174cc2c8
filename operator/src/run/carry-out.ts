import {
  AmxError,
  type DatabaseProfile,
  type MetadataRun,
  modelSecret,
  type RunSettings,
  type Stage,
  targetSecrets,
} from '@amx/api'
import { objectKey, type ResourceClient } from '@amx/kube'
import type { OperatorStore } from '@amx/store'
import type { Caches } from '../cluster/caches.ts'
import type { JobObject } from '../cluster/resources.ts'
import { buildJob, type WorkerSetup } from '../job/build-job.ts'
import { label } from '../job/job-labels.ts'
import type { Intent, StoreView } from './run-observed.ts'

/** What a reconcile has done so far, which the caches may not show yet. */
export interface RunSession {
  storeView: StoreView | null
  frozen: { readonly digest: string; readonly settings: BeginSettings } | null
  policyAccepted: boolean
  plannedRows: number | null
  readonly createdJobs: Map<string, JobObject>
  readonly deletedJobs: Set<string>
}

type BeginSettings = Extract<Intent, { kind: 'BeginRun' }>['request']['settings']

export interface CarryOutParts {
  readonly store: OperatorStore
  readonly caches: Caches
  readonly jobs: ResourceClient<JobObject>
  readonly setup: WorkerSetup
}

export function newSession(): RunSession {
  return {
    storeView: null,
    frozen: null,
    policyAccepted: false,
    plannedRows: null,
    createdJobs: new Map(),
    deletedJobs: new Set(),
  }
}

/**
 * Carries one intent out. Throws AMX-9002 when the store does not answer, AMX-1003 or AMX-1013 when something a Job needs is
 * gone, and KubeError.
 */
export async function carryOut(
  intent: Exclude<Intent, { kind: 'DeleteRun' }>,
  run: MetadataRun,
  session: RunSession,
  { store, caches, jobs, setup }: CarryOutParts,
  signal: AbortSignal,
): Promise<void> {
  const { uid, namespace } = run.metadata
  switch (intent.kind) {
    case 'BeginRun': {
      const result = await store.beginRun(intent.request, signal)
      if (result.kind === 'Refused') {
        session.storeView = { kind: 'Refused', error: result.error }
        return
      }
      if (result.kind === 'AlreadyCompleted') {
        session.storeView = { kind: 'AlreadyCompleted', summary: result.summary }
      }
      session.frozen = { digest: intent.request.settingsDigest, settings: intent.request.settings }
      return
    }
    case 'SetDesiredState':
      return store.setDesiredState(uid, intent.state, signal)
    case 'ReleaseUnits':
      await store.releaseUnits(uid, intent.stage, intent.holder, signal)
      return
    case 'SetBudget':
      return store.setBudget(uid, intent.budget, signal)
    case 'LeaveOutUndrafted':
      await store.leaveOutUndrafted(uid, intent.reason, signal)
      return
    case 'SettleDrafts':
      await store.settleDrafts(uid, signal)
      return
    case 'AcceptByPolicy':
      await store.acceptByPolicy(uid, signal)
      session.policyAccepted = true
      return
    case 'PlanApply':
      session.plannedRows = (await store.planApply(uid, signal)).rows
      return
    case 'DeleteJob':
      await jobs.delete(objectKey(namespace, intent.name), { signal })
      session.deletedJobs.add(intent.name)
      return
    case 'CreateJob': {
      const { name } = run.metadata
      const { stage, attempt, failures, progress } = intent
      const settings = await store.readSettings(uid, signal)
      if (settings === null) throw new AmxError('AMX-9001', { detail: `run ${name} has no settings in the store` })
      const secrets = secretsOf(stage, settings, namespace, caches)
      const built = buildJob({ run: { name, namespace, uid }, stage, attempt, failures, progress, ...secrets }, setup)
      const isOurs = (existing: JobObject) => existing.metadata.labels?.[label.runUid] === uid
      const { object } = await jobs.create(built, { signal, isOurs })
      session.createdJobs.set(object.metadata.name, object)
    }
  }
}

/** The Secrets of a Job: those of the profiles that the run's frozen settings name, in the order of its targets. */
function secretsOf(stage: Stage, settings: RunSettings, namespace: string, caches: Caches) {
  const profiles = settings.targets.map(({ profileName }) => databaseProfile(profileName, namespace, caches))
  const llmName = settings.model?.profileName
  const llmProfile = llmName === undefined ? undefined : caches.llmProfiles.get(objectKey(namespace, llmName))
  if (stage === 'draft' && llmName !== undefined && llmProfile === undefined) {
    throw new AmxError('AMX-1003', { kind: 'LLMProfile', name: llmName, namespace })
  }
  return {
    targetSecrets: profiles.map((profile) => targetSecrets(stage, profile.spec)),
    modelSecret: modelSecret(stage, llmProfile?.spec ?? null),
  }
}

function databaseProfile(name: string, namespace: string, caches: Caches): DatabaseProfile {
  const profile = caches.databaseProfiles.get(objectKey(namespace, name))
  if (profile === undefined) throw new AmxError('AMX-1003', { kind: 'DatabaseProfile', name, namespace })
  return profile
}
