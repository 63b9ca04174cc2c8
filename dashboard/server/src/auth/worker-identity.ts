import { AmxError, profileTestParts, stages } from '@amx/api'
import type { IndexerIdentity, TesterIdentity, WorkerIdentity } from '@amx/store'
import type { ClusterApi, ObjectMeta } from '../kubernetes/cluster-api.ts'
import { tokenKey, validForMs } from './bearer-token.ts'
import { expiringCache } from './expiring-cache.ts'

const serviceAccountName = /^system:serviceaccount:([^:]+):([^:]+)$/
const rememberedMs = 60_000
const refusedMs = 3_000

type Verdict =
  | { readonly worker: WorkerIdentity }
  | { readonly indexer: IndexerIdentity }
  | { readonly tester: TesterIdentity }
  | { readonly refused: string }

export interface WorkerAuthenticator {
  /** The run and the stage a pod works for. Throws AMX-1010. */
  worker(token: string | null): Promise<WorkerIdentity>
  /** The index of a ContextSource a pod fills. Throws AMX-1010. */
  indexer(token: string | null): Promise<IndexerIdentity>
  /** The part of the test of a profile that a pod carries out. Throws AMX-1010. */
  tester(token: string | null): Promise<TesterIdentity>
}

/**
 * Tells from a pod's token what it works for: token -> pod -> Job -> MetadataRun, ContextSource or profile, each link checked by uid,
 * so that a pod made by hand with copied labels gets nothing. Throws AMX-1010 when any link is missing.
 */
export function createWorkerAuthenticator(cluster: ClusterApi, audience: string): WorkerAuthenticator {
  const verdicts = expiringCache<Verdict>(5_000)

  async function decide(token: string): Promise<Verdict> {
    const user = await cluster.reviewToken(token, audience)
    if (user === null) return { refused: `the token is not valid for the audience "${audience}"` }
    const namespace = serviceAccountName.exec(user.username)?.[1]
    const podName = user.extra['authentication.kubernetes.io/pod-name']?.[0]
    const podUid = user.extra['authentication.kubernetes.io/pod-uid']?.[0]
    if (namespace === undefined || podName === undefined || podUid === undefined)
      return { refused: 'the token is not bound to a pod' }
    const pod = await cluster.readPod(namespace, podName)
    if (pod === null || pod.uid !== podUid) return { refused: `pod "${podName}" no longer exists` }
    if (pod.controller?.kind !== 'Job' || pod.controller.apiVersion !== 'batch/v1')
      return { refused: `pod "${podName}" does not belong to a Job` }
    const job = await cluster.readJob(namespace, pod.controller.name)
    if (job === null || job.uid !== pod.controller.uid)
      return { refused: `the Job of pod "${podName}" no longer exists` }
    switch (job.controller?.kind) {
      case 'ContextSource':
        return indexerOf(pod, job)
      case 'DatabaseProfile':
      case 'LLMProfile':
        return testerOf(job)
      default:
        return workerOf(pod, job)
    }
  }

  async function verdictOn(token: string | null): Promise<Exclude<Verdict, { refused: string }>> {
    if (token === null) throw new AmxError('AMX-1010', { problem: 'the request carries no token' })
    const verdict = await verdicts.get(tokenKey(token), async () => {
      const value = await decide(token)
      return { value, ttlMs: 'refused' in value ? refusedMs : validForMs(token, rememberedMs) }
    })
    if ('refused' in verdict) throw new AmxError('AMX-1010', { problem: verdict.refused })
    return verdict
  }

  return {
    async worker(token) {
      const verdict = await verdictOn(token)
      if ('worker' in verdict) return verdict.worker
      throw new AmxError('AMX-1010', { problem: 'the pod works for no run' })
    },
    async indexer(token) {
      const verdict = await verdictOn(token)
      if ('indexer' in verdict) return verdict.indexer
      throw new AmxError('AMX-1010', { problem: 'the pod fills no index' })
    },
    async tester(token) {
      const verdict = await verdictOn(token)
      if ('tester' in verdict) return verdict.tester
      throw new AmxError('AMX-1010', { problem: 'the pod tests no profile' })
    },
  }
}

function workerOf(pod: ObjectMeta, job: ObjectMeta): Verdict {
  const stage = stages.find((known) => known === job.labels['amx.dev/stage'])
  const owner = job.controller
  if (owner?.kind !== 'MetadataRun' || !owner.apiVersion.startsWith('amx.dev/'))
    return { refused: `Job "${job.name}" does not belong to a MetadataRun` }
  if (stage === undefined) return { refused: `Job "${job.name}" has no stage` }
  if (job.labels['amx.dev/run-uid'] !== owner.uid)
    return { refused: `Job "${job.name}" names another run than its owner` }
  return { worker: { runUid: owner.uid, stage, holder: pod.name } }
}

function indexerOf(pod: ObjectMeta, job: ObjectMeta): Verdict {
  const owner = job.controller
  if (owner === null || !owner.apiVersion.startsWith('amx.dev/'))
    return { refused: `Job "${job.name}" does not belong to a ContextSource` }
  if (job.labels['amx.dev/context-source-uid'] !== owner.uid)
    return { refused: `Job "${job.name}" names another ContextSource than its owner` }
  const number = Number(job.labels['amx.dev/attempt'])
  if (job.labels['amx.dev/stage'] !== 'index' || !Number.isInteger(number) || number < 1)
    return { refused: `Job "${job.name}" has no number of an index` }
  return { indexer: { sourceUid: owner.uid, number, holder: pod.name } }
}

function testerOf(job: ObjectMeta): Verdict {
  const owner = job.controller
  if (owner === null || !owner.apiVersion.startsWith('amx.dev/'))
    return { refused: `Job "${job.name}" does not belong to a profile` }
  if (job.labels['amx.dev/profile-uid'] !== owner.uid)
    return { refused: `Job "${job.name}" names another profile than its owner` }
  const part = profileTestParts.find((known) => `test-${known.toLowerCase()}` === job.labels['amx.dev/stage'])
  const number = Number(job.labels['amx.dev/attempt'])
  if (part === undefined || !Number.isInteger(number) || number < 1)
    return { refused: `Job "${job.name}" has no number of a test` }
  return { tester: { profileUid: owner.uid, number, part } }
}
